package dev.fermata.analysis.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.analysis.rule.Target;
import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.contracts.impact.ValidationQuery.Expectation;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Dependant;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.Rename;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Questions whose answers must still be right after the change, and after a rollback. */
final class ValidationQueries {
    private static final long SMALL = 100_000;

    private ValidationQueries() {}

    static List<ValidationQuery> of(
            List<Statement> statements, Target target, Set<QualifiedName> touched, Set<QualifiedName> created) {
        boolean takesRows = statements.stream().anyMatch(ValidationQueries::takesRows);
        boolean leavesUnvalidated = statements.stream()
                .anyMatch(s -> s.node().findValuesAsText("skip_validation").contains("true"));
        List<ValidationQuery> queries = new ArrayList<>();
        for (QualifiedName table : touched) {
            TableStats known = target.stats().get(table);
            if (created.contains(table) || known == null || isRenamed(statements, table, target)) {
                continue;
            }
            if (!takesRows && known.deleted() == 0) {
                queries.add(rows(table));
            }
            if (!leavesUnvalidated) {
                queries.add(constraints(table));
            }
            queries.add(indexes(table));
            if (!takesRows) {
                sequences(table, target).forEach(queries::add);
                orphans(statements, table, target).forEach(queries::add);
            }
        }
        return queries;
    }

    /** Whether the number of rows or the names of tables are meant to change. */
    private static boolean takesRows(Statement statement) {
        JsonNode node = statement.node();
        return switch (statement.kind()) {
            case "DeleteStmt", "TruncateStmt", "MergeStmt", "DropStmt", "DoStmt" -> true;
            case "RenameStmt" -> node.path("renameType").asText().equals("OBJECT_TABLE");
            case "AlterObjectSchemaStmt" -> true;
            default -> false;
        };
    }

    /** A query that names it would fail afterwards. */
    private static boolean isRenamed(List<Statement> statements, QualifiedName table, Target target) {
        return statements.stream().anyMatch(statement -> {
            boolean moves = statement.kind().equals("AlterObjectSchemaStmt");
            boolean renames = Rename.of(statement)
                    .filter(rename -> rename.object().equals("TABLE"))
                    .isPresent();
            JsonNode relation = statement.node().path("relation");
            return (moves || renames) && table.equals(named(relation, target));
        });
    }

    private static @Nullable QualifiedName named(JsonNode relation, Target target) {
        return target.schema()
                .relation(
                        relation.path("schemaname").asText(""),
                        relation.path("relname").asText(""))
                .map(Relation::name)
                .orElse(null);
    }

    private static boolean isStillCalledSo(List<Statement> statements, Constraint key, Target target) {
        QualifiedName referenced = Objects.requireNonNull(key.references());
        if (isRenamed(statements, referenced, target)) {
            return false;
        }
        return statements.stream()
                .flatMap(statement -> Rename.of(statement).stream())
                .filter(rename -> rename.object().equals("COLUMN"))
                .noneMatch(rename -> key.columns().contains(rename.oldName())
                        || key.referencedColumns().contains(rename.oldName()));
    }

    private static ValidationQuery rows(QualifiedName table) {
        return new ValidationQuery(
                "rows " + table,
                "SELECT count(*) FROM " + table.sql(),
                Expectation.NOT_LESS_THAN_BEFORE,
                "rows of " + table
                        + " are missing; nothing in the change and nothing seen of the application deletes any");
    }

    private static ValidationQuery constraints(QualifiedName table) {
        return new ValidationQuery(
                "unvalidated constraints " + table,
                "SELECT count(*) FROM pg_catalog.pg_constraint WHERE conrelid = " + regclass(table)
                        + " AND NOT convalidated",
                Expectation.EQUALS_BEFORE,
                "a constraint of " + table + " is not validated, or one has lost its validation");
    }

    /** Counted negatively, as invalid indexes may become fewer, but not more. */
    private static ValidationQuery indexes(QualifiedName table) {
        return new ValidationQuery(
                "invalid indexes " + table,
                "SELECT -count(*) FROM pg_catalog.pg_index WHERE indrelid = " + regclass(table)
                        + " AND NOT (indisvalid AND indisready AND indislive)",
                Expectation.NOT_LESS_THAN_BEFORE,
                "an index of " + table + " is not valid: it costs writes and serves no reads");
    }

    /** A sequence that falls back gives numbers out again. */
    private static Stream<ValidationQuery> sequences(QualifiedName table, Target target) {
        return target.schema().dependants(table).stream()
                .filter(one -> one.kind().equals("sequence"))
                .map(Dependant::name)
                .distinct()
                .map(sequence -> new ValidationQuery(
                        "position of sequence " + sequence,
                        "SELECT coalesce(pg_catalog.pg_sequence_last_value('" + sequence.replace("'", "''")
                                + "'::pg_catalog.regclass), 0)",
                        Expectation.NOT_LESS_THAN_BEFORE,
                        "sequence " + sequence + " has fallen back and would give out numbers again"));
    }

    /** Only where the table is small enough to be read beside the application. */
    private static Stream<ValidationQuery> orphans(List<Statement> statements, QualifiedName table, Target target) {
        TableStats stats = target.stats().get(table);
        return target.schema().relation(table).stream()
                .filter(relation -> stats != null && stats.analyzed() && stats.estimatedRows() <= SMALL)
                .flatMap(relation -> relation.constraints().stream())
                .filter(one -> one.kind() == Constraint.Kind.FOREIGN_KEY && one.validated() && one.enforced())
                .filter(one -> isStillCalledSo(statements, one, target))
                .map(ValidationQueries::orphans);
    }

    private static ValidationQuery orphans(Constraint key) {
        String given = key.columns().stream()
                .map(column -> "c." + QualifiedName.quote(column) + " IS NOT NULL")
                .collect(Collectors.joining(" AND "));
        StringBuilder matches = new StringBuilder();
        for (int i = 0; i < key.columns().size(); i++) {
            matches.append(i == 0 ? "" : " AND ")
                    .append("p.")
                    .append(QualifiedName.quote(key.referencedColumns().get(i)))
                    .append(" = c.")
                    .append(QualifiedName.quote(key.columns().get(i)));
        }
        return new ValidationQuery(
                "orphans " + key.table() + " " + key.name(),
                "SELECT count(*) FROM ONLY " + key.table().sql() + " c WHERE " + given + " AND NOT EXISTS (SELECT FROM "
                        + Objects.requireNonNull(key.references()).sql() + " p WHERE " + matches + ")",
                Expectation.IS_ZERO,
                "rows of " + key.table() + " point to rows that are not there, against " + key.name());
    }

    private static String regclass(QualifiedName table) {
        return "'" + table.sql().replace("'", "''") + "'::pg_catalog.regclass";
    }
}
