package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.execution.plan.Draft.Undo;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** ALTER TABLE: the inverse of each subcommand, put together backwards. */
final class AlterTable {
    private final Catalog catalog;
    private final QualifiedName table;
    private final Set<QualifiedName> touched = new HashSet<>();
    private Phase phase = Phase.EXPAND;

    private AlterTable(Catalog catalog, QualifiedName table) {
        this.catalog = catalog;
        this.table = table;
        touched.add(table);
    }

    static Draft draft(Catalog catalog, Statement statement) {
        AlterTable alter = new AlterTable(catalog, Sql.relation(statement.node().path("relation")));
        return alter.draft(statement);
    }

    private Draft draft(Statement statement) {
        JsonNode node = statement.node();
        if (!node.path("objtype").asText("OBJECT_TABLE").equals("OBJECT_TABLE")) {
            return transaction(statement, Undo.impossible("ALTER of this kind of object has no generated rollback"));
        }
        if (catalog.isCreatedHere(table)) {
            return transaction(statement, Undo.by()); // gone with its table
        }
        List<String> back = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        boolean online = true;
        for (JsonNode command : node.path("cmds")) {
            Undo undo = subcommand(command.path("AlterTableCmd"));
            Inverse inverse = undo.inverse();
            if (inverse == null) {
                return transaction(statement, undo);
            }
            online &= undo.online();
            back.addAll(inverse.sql());
            String note = inverse.note();
            if (note != null) {
                lost.add(note);
            }
        }
        Collections.reverse(back);
        Undo undo = lost.isEmpty()
                ? Undo.by(back.toArray(String[]::new))
                : Undo.losing(String.join("; ", lost), back.toArray(String[]::new));
        return transaction(statement, online ? undo : undo.blocking());
    }

    private Draft transaction(Statement statement, Undo undo) {
        return Draft.transaction(phase, statement.text(), "as written", touched, undo);
    }

    private Undo subcommand(JsonNode command) {
        String column = command.path("name").asText();
        return switch (command.path("subtype").asText()) {
            case "AT_AddColumn" -> addColumn(command);
            case "AT_DropColumn" -> {
                phase = Phase.CONTRACT;
                yield Undo.impossible("the values of column " + column + " would be gone");
            }
            case "AT_AddConstraint" -> addConstraint(command.path("def").path("Constraint"));
            case "AT_DropConstraint" -> dropConstraint(column);
            case "AT_ValidateConstraint" -> validate(column);
            case "AT_SetNotNull" -> setNotNull(column);
            case "AT_DropNotNull" ->
                catalog.column(table, column).map(ColumnFact::notNull).orElse(false)
                        ? alter("ALTER COLUMN " + Sql.quote(column) + " SET NOT NULL")
                                .blocking()
                        : Undo.by();
            case "AT_ColumnDefault" -> columnDefault(column);
            case "AT_EnableRowSecurity" -> alter("DISABLE ROW LEVEL SECURITY");
            case "AT_DisableRowSecurity" -> alter("ENABLE ROW LEVEL SECURITY");
            case "AT_AlterColumnType" ->
                Undo.impossible(
                        "the type of column " + column + " changes, and converting back may not give the same values");
            default -> Undo.impossible("this ALTER TABLE has no generated rollback");
        };
    }

    private Undo alter(String what) {
        return Undo.by("ALTER TABLE " + table.sql() + " " + what);
    }

    private Undo addColumn(JsonNode command) {
        JsonNode definition = command.path("def").path("ColumnDef");
        String column = definition.path("colname").asText();
        if (catalog.column(table, column).isPresent()) {
            return command.path("missing_ok").asBoolean()
                    ? Undo.by()
                    : Undo.impossible("column " + column + " exists already");
        }
        for (JsonNode constraint : definition.path("constraints")) {
            if (constraint.path("Constraint").path("contype").asText().equals("CONSTR_FOREIGN")) {
                touched.add(Sql.relation(constraint.path("Constraint").path("pktable")));
            }
        }
        return Undo.losing(
                "what the application writes into the new column " + table + "." + column + " is not kept",
                "ALTER TABLE " + table.sql() + " DROP COLUMN " + Sql.quote(column));
    }

    private Undo addConstraint(JsonNode constraint) {
        String name = constraint.path("conname").asText();
        if (constraint.path("contype").asText().equals("CONSTR_FOREIGN")) {
            touched.add(Sql.relation(constraint.path("pktable")));
        }
        if (name.isEmpty()) {
            return Undo.impossible("the new constraint has no name; write ADD CONSTRAINT name ...");
        }
        if (!constraint.path("indexname").asText("").isEmpty()) {
            return Undo.impossible("USING INDEX renames the index into the constraint");
        }
        Undo undo = alter("DROP CONSTRAINT " + Sql.quote(name));
        return constraint.path("skip_validation").asBoolean() ? undo : undo.blocking();
    }

    private Undo dropConstraint(String name) {
        phase = Phase.CONTRACT;
        return definition(name)
                .map(definition -> alter("ADD CONSTRAINT " + Sql.quote(name) + " " + definition))
                .orElseGet(() -> Undo.impossible("constraint " + name + " is not in the catalog of the target"));
    }

    private Undo validate(String name) {
        Optional<String> definition = definition(name);
        if (definition.isEmpty()) {
            return Undo.by(); // added by this change: its own inverse drops it
        }
        if (!definition.get().contains("NOT VALID")) {
            return Undo.by(); // valid already
        }
        String again = "ADD CONSTRAINT " + Sql.quote(name) + " " + definition.get();
        return Undo.by("ALTER TABLE " + table.sql() + " DROP CONSTRAINT " + Sql.quote(name) + ", " + again);
    }

    private Optional<String> definition(String constraint) {
        return catalog.definition("constraint", table, Sql.quote(constraint));
    }

    private Undo setNotNull(String column) {
        Optional<ColumnFact> fact = catalog.column(table, column);
        if (fact.isPresent() && fact.get().notNull()) {
            return Undo.by();
        }
        return alter("ALTER COLUMN " + Sql.quote(column) + " DROP NOT NULL").blocking();
    }

    private Undo columnDefault(String column) {
        Optional<ColumnFact> fact = catalog.column(table, column);
        String before = fact.map(ColumnFact::defaultExpression).orElse(null);
        return alter(
                "ALTER COLUMN " + Sql.quote(column) + (before == null ? " DROP DEFAULT" : " SET DEFAULT " + before));
    }
}
