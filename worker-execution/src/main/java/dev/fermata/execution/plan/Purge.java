package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Phase;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.Drop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A change that drops what rests in the attic, for good. */
final class Purge {
    private static final Pattern COMMAND = Pattern.compile("(?is)\\bDROP\\s+(COLUMN\\s+)?(?!IF\\b|COLUMN\\b)");
    private static final Pattern DROP = Pattern.compile(
            "(?is)^DROP\\s+(TABLE|SEQUENCE|TYPE|DOMAIN|FUNCTION|PROCEDURE|AGGREGATE|SCHEMA)\\s+(?!IF\\b)");

    /** See {@link Attic#resting}. */
    private static final Pattern RESTING = Pattern.compile("^" + Attic.PREFIX + "([0-9a-f]+_\\d+r?)_");

    private Purge() {}

    static boolean isOne(Statement statement) {
        Optional<Drop> drop = Drop.of(statement);
        if (drop.isPresent()) {
            return !drop.get().names().isEmpty()
                    && drop.get().names().stream()
                            .allMatch(name -> Attic.holds(name.schema())
                                    || (drop.get().object().equals("SCHEMA")
                                            && name.name().startsWith(Attic.PREFIX)));
        }
        return AlterTable.of(statement)
                .filter(alter -> alter.commands().stream()
                        .allMatch(command ->
                                command.is("AT_DropColumn") && command.name().startsWith(Attic.PREFIX)))
                .isPresent();
    }

    /** A clone does not have what rests, so it is dropped where it is. */
    static Draft draft(Scene scene) {
        String text = scene.piece().sql();
        List<String> sql = new ArrayList<>();
        AlterTable.of(scene.statement()).ifPresent(alter -> keptInStep(alter, scene, sql));
        sql.add(
                scene.statement().kind().equals("DropStmt")
                        ? DROP.matcher(text).replaceFirst("DROP $1 IF EXISTS ")
                        : COMMAND.matcher(text).replaceAll("DROP COLUMN IF EXISTS "));
        return Draft.transaction(
                Phase.CONTRACT,
                "out of the attic, for good",
                Undo.losing("what is purged from the attic is gone for good", List.of()),
                sql);
    }

    /** What writes into a column whose type was changed goes before it. */
    private static void keptInStep(AlterTable alter, Scene scene, List<String> sql) {
        QualifiedName table = scene.named(alter.table().schema(), alter.table().name());
        for (AlterCommand command : alter.commands()) {
            Matcher resting = RESTING.matcher(command.name());
            if (resting.find()) {
                RowTrigger back = TypeNames.left(table, resting.group(1));
                sql.add(back.drop());
                sql.add(back.dropFunction());
            }
        }
    }
}
