package dev.fermata.postgres.preflight;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ConstraintDefinition;
import dev.fermata.postgres.tree.CreateIndex;
import dev.fermata.postgres.tree.Drop;
import dev.fermata.postgres.tree.Expressions;
import dev.fermata.postgres.tree.Rename;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Writes into a {@link ChangeSoFar} what a statement does, once it has been asked about. */
final class ChangeRecorder {
    private final ChangeSoFar change;

    ChangeRecorder(ChangeSoFar change) {
        this.change = change;
    }

    void add(Statement statement) {
        JsonNode node = statement.node();
        switch (statement.kind()) {
            case "CreateStmt", "CreateForeignTableStmt" ->
                make(
                        relation(node.has("base") ? node.path("base").path("relation") : node.path("relation")),
                        statement);
            case "CreateTableAsStmt" -> make(relation(node.path("into").path("rel")), statement);
            case "ViewStmt" -> make(relation(node.path("view")), statement);
            case "VariableSetStmt" -> set(node);
            case "AlterObjectSchemaStmt" -> {
                if (node.has("relation")) {
                    WrittenName from = relation(node.path("relation"));
                    change.move(from, node.path("newschema").asText(""), from.name());
                }
            }
            case "TruncateStmt" ->
                node.path("relations").forEach(each -> write(statement, each.path("RangeVar"), Set.of()));
            case "DoStmt", "CallStmt", "ExecuteStmt" -> change.runCode(statement.index());
            default -> {}
        }
        Drop.of(statement).filter(drop -> drop.parts().isEmpty()).ifPresent(drop -> drop.names().stream()
                .filter(name -> drop.object().endsWith("TABLE") || drop.object().endsWith("VIEW"))
                .forEach(change::drop));
        Rename.of(statement).ifPresent(this::rename);
        CreateIndex.of(statement).filter(index -> !index.name().isEmpty()).ifPresent(change::addIndex);
        AlterTable.of(statement).ifPresent(alter -> change.old(alter.table())
                .ifPresent(table -> alter.commands().forEach(command -> altered(statement, table, command))));
        domain(statement);
        writes(statement);
    }

    /** What other commands of the same ALTER TABLE find done already, wherever they stand in it. */
    void addColumnsOf(Statement statement, AlterTable alter, Relation table) {
        for (AlterCommand command : alter.commands()) {
            command.column()
                    .filter(column -> table.column(column.name()).isEmpty() || !command.missingOk())
                    .ifPresent(column -> change.makeColumn(table, column.name(), statement.index()));
            if (command.is("AT_AlterColumnType")) {
                change.retype(table, command.name(), statement.index());
            }
        }
    }

    private void altered(Statement statement, Relation table, AlterCommand command) {
        if (command.is("AT_DropColumn")) {
            change.dropColumn(table, command.name());
        } else if (command.is("AT_DetachPartition")) {
            command.otherTable().ifPresent(change::detach);
        }
        Optional<ConstraintDefinition> added = command.constraint();
        added.filter(constraint -> constraint.notValid() || !constraint.enforced())
                .filter(constraint -> !constraint.name().isEmpty())
                .ifPresent(constraint ->
                        change.addPending(table, constraint.name(), new ChangeSoFar.Pending(statement, constraint)));
    }

    private void make(WrittenName relation, Statement statement) {
        change.make(relation, statement);
    }

    private void rename(Rename rename) {
        if (!rename.oldName().isEmpty()) {
            if (rename.object().equals("COLUMN")) {
                change.old(rename.of())
                        .ifPresent(table -> change.renameColumn(table, rename.oldName(), rename.newName()));
            }
        } else if (rename.object().endsWith("TABLE") || rename.object().endsWith("VIEW")) {
            change.move(rename.of(), "", rename.newName());
        }
    }

    private void domain(Statement statement) {
        JsonNode constraint = statement.node().path("def").path("Constraint");
        if (statement.kind().equals("AlterDomainStmt")
                && constraint.path("skip_validation").asBoolean()) {
            change.type(DomainQuestions.name(statement))
                    .ifPresent(domain -> change.addPending(
                            domain.name(), constraint.path("conname").asText(""), statement));
        }
    }

    private void set(JsonNode node) {
        if (!node.path("name").asText("").toLowerCase(Locale.ROOT).equals("search_path")) {
            return;
        }
        List<String> path = new ArrayList<>();
        for (JsonNode each : node.path("args")) {
            String name = each.path("A_Const").path("sval").path("sval").asText("");
            if (!name.isEmpty() && !name.equals("$user")) {
                path.add(name);
            }
        }
        boolean written = node.path("kind").asText().equals("VAR_SET_VALUE");
        change.searchPath(written ? path : change.schema().searchPath());
    }

    /** Also of what stands in a WITH. A function of the database's own may write anything. */
    private void writes(Statement statement) {
        JsonNode root = statement.node();
        data(statement, statement.kind(), root);
        Expressions.each(root, (kind, node) -> data(statement, kind, node));
        if (statement.kind().equals("SelectStmt")) {
            Set<String> functions = Expressions.functions(root);
            boolean own = change.schema().routines().stream()
                    .anyMatch(
                            routine -> functions.contains(routine.name().name().toLowerCase(Locale.ROOT)));
            if (own) {
                change.runCode(statement.index());
            }
        }
    }

    private void data(Statement statement, String kind, JsonNode node) {
        switch (kind) {
            case "InsertStmt", "DeleteStmt", "MergeStmt" -> write(statement, node.path("relation"), Set.of());
            case "UpdateStmt" -> {
                Set<String> columns = new HashSet<>();
                node.path("targetList")
                        .forEach(each ->
                                columns.add(each.path("ResTarget").path("name").asText()));
                write(statement, node.path("relation"), columns);
            }
            case "CopyStmt" -> {
                if (node.path("is_from").asBoolean()) {
                    write(statement, node.path("relation"), Set.of());
                }
            }
            default -> {}
        }
    }

    private void write(Statement statement, JsonNode rangeVar, Set<String> columns) {
        WrittenName name = relation(rangeVar);
        if (name.name().isEmpty()) {
            return;
        }
        Set<String> old = new HashSet<>();
        change.old(name)
                .ifPresent(table -> columns.forEach(
                        column -> old.add(change.oldColumn(table, column).orElse(column))));
        change.write(change.named(name), statement.index(), old);
    }

    static WrittenName relation(JsonNode rangeVar) {
        return new WrittenName(
                rangeVar.path("schemaname").asText(""), rangeVar.path("relname").asText(""));
    }
}
