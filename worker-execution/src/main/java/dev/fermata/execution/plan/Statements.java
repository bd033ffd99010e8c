package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.execution.plan.Draft.Undo;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What each kind of statement becomes. What is not known here is not run: unknown never counts as safe. */
final class Statements {
    private static final Pattern CREATE_INDEX = Pattern.compile("(?is)^\\s*CREATE\\s+(UNIQUE\\s+)?INDEX\\b");
    private static final Pattern DROP_INDEX = Pattern.compile("(?is)^\\s*DROP\\s+INDEX\\b");

    private final Catalog catalog;
    private final WorkOrder.Strategy strategy;
    private final String runKey;

    Statements(Catalog catalog, WorkOrder.Strategy strategy, String runKey) {
        this.catalog = catalog;
        this.strategy = strategy;
        this.runKey = runKey;
    }

    /** Empty for a statement that may not be part of a change. */
    Optional<Draft> draft(Statement statement) {
        JsonNode node = statement.node();
        return switch (statement.kind()) {
            case "CreateStmt" -> Optional.of(createTable(statement));
            case "AlterTableStmt" -> Optional.of(AlterTable.draft(catalog, statement));
            case "IndexStmt" -> Optional.of(createIndex(statement));
            case "DropStmt" -> Optional.of(drop(statement));
            case "RenameStmt" -> Optional.of(rename(statement));
            case "UpdateStmt", "DeleteStmt" -> Optional.of(DataChange.draft(catalog, statement, runKey));
            case "InsertStmt" -> Optional.of(insert(statement));
            case "ViewStmt" -> Optional.of(view(statement));
            case "CreateSchemaStmt" ->
                made(statement, "SCHEMA " + Sql.quote(node.path("schemaname").asText()));
            case "CreateSeqStmt" ->
                made(
                        statement,
                        "SEQUENCE " + Sql.relation(node.path("sequence")).sql());
            case "CreateEnumStmt" ->
                made(statement, "TYPE " + Sql.name(node.path("typeName")).sql());
            case "CompositeTypeStmt" ->
                made(statement, "TYPE " + Sql.relation(node.path("typevar")).sql());
            case "CreateDomainStmt" ->
                made(statement, "DOMAIN " + Sql.name(node.path("domainname")).sql());
            case "CreateTrigStmt" -> Optional.of(trigger(statement));
            case "CreateFunctionStmt",
                    "CommentStmt",
                    "GrantStmt",
                    "TruncateStmt",
                    "AlterSeqStmt",
                    "CreateTableAsStmt",
                    "AlterObjectSchemaStmt",
                    "AlterOwnerStmt",
                    "CreatePolicyStmt",
                    "AlterPolicyStmt",
                    "MergeStmt",
                    "CreateStatsStmt",
                    "AlterFunctionStmt",
                    "DoStmt",
                    "SelectStmt",
                    "CreateExtensionStmt" -> Optional.of(onlyByAuthor(statement));
            default -> Optional.empty();
        };
    }

    private Draft plain(Statement statement, Phase phase, Set<QualifiedName> touched, Undo undo) {
        return Draft.transaction(phase, statement.text(), "as written", touched, undo);
    }

    private Optional<Draft> made(Statement statement, String what) {
        return Optional.of(plain(statement, Phase.EXPAND, Set.of(), Undo.by("DROP " + what)));
    }

    private Draft createTable(Statement statement) {
        QualifiedName table = Sql.relation(statement.node().path("relation"));
        if (catalog.table(table).isPresent()) {
            Undo undo = statement.node().path("if_not_exists").asBoolean()
                    ? Undo.by()
                    : Undo.impossible("table " + table + " exists already");
            return plain(statement, Phase.EXPAND, Set.of(), undo);
        }
        catalog.nowExists(table);
        return plain(
                statement,
                Phase.EXPAND,
                Set.of(),
                Undo.losing(
                        "the rows that the application writes into the new table " + table + " are not kept",
                        "DROP TABLE " + table.sql()));
    }

    private Draft createIndex(Statement statement) {
        JsonNode node = statement.node();
        QualifiedName table = Sql.relation(node.path("relation"));
        String name = node.path("idxname").asText();
        if (name.isEmpty()) {
            return plain(
                    statement,
                    Phase.EXPAND,
                    Set.of(table),
                    Undo.impossible("the index has no name; write CREATE INDEX name ON ..."));
        }
        QualifiedName index = new QualifiedName(table.schema(), name);
        if (catalog.definition("index", index).isPresent()) {
            Undo undo = node.path("if_not_exists").asBoolean()
                    ? Undo.by()
                    : Undo.impossible("index " + index + " exists already");
            return plain(statement, Phase.EXPAND, Set.of(table), undo);
        }
        if (catalog.isCreatedHere(table)) {
            return plain(statement, Phase.EXPAND, Set.of(), Undo.by("DROP INDEX " + index.sql()));
        }
        boolean asked = node.path("concurrent").asBoolean();
        boolean ordinary =
                catalog.table(table).map(t -> t.kind().name().equals("TABLE")).orElse(true);
        if (!asked && (strategy == WorkOrder.Strategy.AS_WRITTEN || !ordinary)) {
            return plain(
                    statement,
                    Phase.EXPAND,
                    Set.of(table),
                    Undo.by("DROP INDEX " + index.sql()).blocking());
        }
        return new Draft(
                Phase.EXPAND,
                StepKind.AUTOCOMMIT,
                asked ? statement.text() : concurrently(CREATE_INDEX, statement.text()),
                true,
                asked ? "as written" : "CONCURRENTLY, so that writes to " + table + " go on while it is built",
                new Inverse(
                        List.of(Unit.autocommit(
                                "DROP INDEX CONCURRENTLY IF EXISTS " + index.sql(),
                                "SELECT to_regclass(" + Sql.literal(index.sql()) + ") IS NULL")),
                        true,
                        null),
                "",
                Set.of(table),
                null);
    }

    private static String concurrently(Pattern head, String sql) {
        Matcher matcher = head.matcher(sql);
        if (!matcher.find()) {
            throw new IllegalStateException("an index statement that begins with a comment was not stripped");
        }
        return sql.substring(0, matcher.end()) + " CONCURRENTLY" + sql.substring(matcher.end());
    }

    private Draft drop(Statement statement) {
        JsonNode node = statement.node();
        if (node.path("removeType").asText().equals("OBJECT_INDEX")
                && node.path("objects").size() == 1) {
            return dropIndex(statement);
        }
        return plain(statement, Phase.CONTRACT, Set.of(), Undo.impossible("what is dropped would be gone"));
    }

    private Draft dropIndex(Statement statement) {
        JsonNode node = statement.node();
        QualifiedName index = Sql.name(node.path("objects").get(0).path("List").path("items"));
        Optional<String> definition = catalog.definition("index", index);
        if (definition.isEmpty()) {
            Undo undo = node.path("missing_ok").asBoolean()
                    ? Undo.by()
                    : Undo.impossible("index " + index + " is not in the catalog of the target");
            return plain(statement, Phase.CONTRACT, Set.of(), undo);
        }
        String create = definition.get();
        boolean asked = node.path("concurrent").asBoolean();
        if (!asked && strategy == WorkOrder.Strategy.AS_WRITTEN) {
            return plain(statement, Phase.CONTRACT, Set.of(), Undo.by(create));
        }
        return new Draft(
                Phase.CONTRACT,
                StepKind.AUTOCOMMIT,
                asked ? statement.text() : concurrently(DROP_INDEX, statement.text()),
                true,
                asked ? "as written" : "CONCURRENTLY, so that nobody waits for it",
                new Inverse(
                        List.of(Unit.autocommit(
                                concurrently(CREATE_INDEX, create),
                                "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass("
                                        + Sql.literal(index.sql()) + ")")),
                        true,
                        null),
                "",
                Set.of(),
                null);
    }

    private Draft rename(Statement statement) {
        JsonNode node = statement.node();
        String to = Sql.quote(node.path("newname").asText());
        QualifiedName relation = Sql.relation(node.path("relation"));
        QualifiedName renamed =
                new QualifiedName(relation.schema(), node.path("newname").asText());
        Undo undo =
                switch (node.path("renameType").asText()) {
                    case "OBJECT_TABLE" ->
                        Undo.by("ALTER TABLE " + renamed.sql() + " RENAME TO " + Sql.quote(relation.name()));
                    case "OBJECT_INDEX" ->
                        Undo.by("ALTER INDEX " + renamed.sql() + " RENAME TO " + Sql.quote(relation.name()));
                    case "OBJECT_COLUMN" ->
                        Undo.by("ALTER TABLE " + relation.sql() + " RENAME COLUMN " + to + " TO "
                                + Sql.quote(node.path("subname").asText()));
                    case "OBJECT_TABCONSTRAINT" ->
                        Undo.by("ALTER TABLE " + relation.sql() + " RENAME CONSTRAINT " + to + " TO "
                                + Sql.quote(node.path("subname").asText()));
                    default -> Undo.impossible("this kind of rename has no generated rollback");
                };
        boolean table = node.path("renameType").asText().equals("OBJECT_TABLE")
                || node.path("renameType").asText().equals("OBJECT_COLUMN");
        return plain(statement, Phase.CONTRACT, table ? Set.of(relation) : Set.of(), undo);
    }

    private Draft insert(Statement statement) {
        QualifiedName table = Sql.relation(statement.node().path("relation"));
        if (catalog.isCreatedHere(table)) {
            return plain(statement, Phase.MIGRATE, Set.of(), Undo.by()); // gone with its table
        }
        return plain(
                statement,
                Phase.MIGRATE,
                Set.of(table),
                Undo.impossible("the inserted rows are not told apart from others"));
    }

    private Draft view(Statement statement) {
        QualifiedName view = Sql.relation(statement.node().path("view"));
        if (catalog.definition("view", view).isPresent()) {
            return plain(statement, Phase.CONTRACT, Set.of(), Undo.impossible("view " + view + " is replaced"));
        }
        return plain(statement, Phase.EXPAND, Set.of(), Undo.by("DROP VIEW " + view.sql()));
    }

    private Draft trigger(Statement statement) {
        JsonNode node = statement.node();
        QualifiedName table = Sql.relation(node.path("relation"));
        String name = node.path("trigname").asText();
        if (node.path("replace").asBoolean()) {
            return plain(
                    statement, Phase.CONTRACT, Set.of(table), Undo.impossible("trigger " + name + " may be replaced"));
        }
        return plain(
                statement,
                Phase.CONTRACT,
                catalog.isCreatedHere(table) ? Set.of() : Set.of(table),
                Undo.by("DROP TRIGGER " + Sql.quote(name) + " ON " + table.sql()));
    }

    private Draft onlyByAuthor(Statement statement) {
        return plain(
                statement,
                Phase.CONTRACT,
                Set.of(),
                Undo.impossible("this kind of statement has no generated rollback")
                        .blocking());
    }
}
