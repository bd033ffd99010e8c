package dev.fermata.postgres.preflight;

import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.CreateIndex;
import dev.fermata.postgres.tree.CreateTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds what a change newly demands of rows that are there already. Pure.
 *
 * <p>What the change makes itself is not asked about, names that it has changed are followed back, and a number that an
 * earlier statement of it may still change is marked ({@link Question#repairs}). A statement that the server refuses for
 * other reasons, such as a column that is not there, may have no question, or one that fails.
 */
public final class Preflight {
    private Preflight() {}

    /**
     * In the order of the statements.
     *
     * @param serverMajor such as 16
     * @param schema of the target as it is before the change
     */
    public static List<Question> questions(List<Statement> statements, int serverMajor, SchemaModel schema) {
        ChangeSoFar change = new ChangeSoFar(schema);
        ChangeRecorder recorder = new ChangeRecorder(change);
        List<Question> questions = new ArrayList<>();
        for (Statement statement : statements) {
            Asking asking = new Asking(statement, change, serverMajor);
            ask(asking, recorder);
            questions.addAll(asking.questions());
            recorder.add(statement);
        }
        return List.copyOf(questions);
    }

    private static void ask(Asking asking, ChangeRecorder recorder) {
        Statement statement = asking.statement();
        switch (statement.kind()) {
            case "AlterTableStmt" ->
                AlterTable.of(statement)
                        .filter(AlterTable::isTable)
                        .ifPresent(alter -> alterTable(asking, recorder, alter));
            case "IndexStmt" -> CreateIndex.of(statement).ifPresent(index -> UniqueQuestions.of(asking, index));
            case "CreateStmt" ->
                CreateTable.of(statement)
                        .filter(CreateTable::partition)
                        .ifPresent(table -> PartitionQuestions.create(asking, table));
            case "AlterDomainStmt" -> DomainQuestions.of(asking);
            default -> {}
        }
    }

    private static void alterTable(Asking asking, ChangeRecorder recorder, AlterTable alter) {
        Optional<Relation> table = asking.change().old(alter.table());
        if (table.isEmpty()) {
            // A new parent may still take in an old table.
            alter.commands("AT_AttachPartition").forEach(command -> PartitionQuestions.attach(asking, alter, command));
            return;
        }
        if (!table.get().holdsRows()) {
            return;
        }
        // Types are asked about before they count as changed; the server, too, converts before it checks.
        alter.commands("AT_AlterColumnType").forEach(command -> TypeQuestions.of(asking, alter, table.get(), command));
        alter.commands("AT_AddColumn")
                .forEach(command -> new NewColumnQuestions(asking, alter, table.get(), command).ask());
        recorder.addColumnsOf(asking.statement(), alter, table.get());
        alter.commands().forEach(command -> new TableQuestions(asking, alter, table.get()).of(command));
    }
}
