package dev.fermata.analysis.report;

import static dev.fermata.contracts.impact.Compatibility.Breaks.PREPARED_STATEMENTS;
import static dev.fermata.contracts.impact.Compatibility.Breaks.QUERIES;
import static dev.fermata.contracts.impact.Compatibility.Breaks.WRITES;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.impact.Compatibility;
import dev.fermata.contracts.impact.Compatibility.Breaks;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ColumnDefinition;
import dev.fermata.postgres.tree.ConstraintDefinition;
import dev.fermata.postgres.tree.CreateIndex;
import dev.fermata.postgres.tree.Drop;
import dev.fermata.postgres.tree.Rename;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What breaks in an application that was written for the schema before the change, and keeps running while the change is
 * made. Source for prepared statements: the server's error 0A000 "cached plan must not change result type", which a
 * prepared {@code SELECT *} gets once its table has other columns.
 */
final class Compatibilities {
    private static final String AGAIN =
            "; statements prepared before with all its columns fail once with 0A000 and must be prepared again";

    private final int statement;
    private final Predicate<WrittenName> isOld;

    private Compatibilities(int statement, Predicate<WrittenName> isOld) {
        this.statement = statement;
        this.isOld = isOld;
    }

    /** @param isOld whether the relation was there before the change */
    static List<Compatibility> of(Statement statement, Predicate<WrittenName> isOld) {
        return new Compatibilities(statement.index(), isOld).of(statement).toList();
    }

    private Stream<Compatibility> of(Statement statement) {
        return Stream.of(
                        Drop.of(statement).stream().flatMap(this::drop),
                        Rename.of(statement).stream().flatMap(this::rename),
                        AlterTable.of(statement).stream()
                                .filter(alter -> isOld.test(alter.table()))
                                .flatMap(this::alter),
                        CreateIndex.of(statement).stream()
                                .filter(index -> index.unique() && isOld.test(index.table()))
                                .map(index -> breaks(
                                        WRITES,
                                        "writes that repeat a key of the new unique index on " + index.table()
                                                + " fail")),
                        other(statement))
                .flatMap(found -> found);
    }

    private Compatibility breaks(Breaks what, String words) {
        return new Compatibility(statement, what, words);
    }

    private Stream<Compatibility> drop(Drop drop) {
        boolean relation =
                switch (drop.object()) {
                    case "TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "FOREIGN TABLE" -> true;
                    default -> false;
                };
        boolean used =
                switch (drop.object()) {
                    case "FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE", "TYPE", "DOMAIN", "SCHEMA", "OPERATOR" ->
                        true;
                    default -> relation;
                };
        return !used
                ? Stream.empty()
                : drop.names().stream()
                        .filter(name -> !relation || isOld.test(name))
                        .map(name -> breaks(
                                QUERIES,
                                "everything that uses " + drop.object().toLowerCase(Locale.ROOT) + " " + name
                                        + " fails"));
    }

    private Stream<Compatibility> rename(Rename rename) {
        return rename.object().equals("CONSTRAINT") || rename.object().equals("INDEX") || !isOld.test(rename.of())
                ? Stream.empty()
                : Stream.of(breaks(
                        QUERIES,
                        rename.oldName().isEmpty()
                                ? "everything that uses the name " + rename.of() + " fails"
                                : "everything that uses " + rename.oldName() + " of " + rename.of()
                                        + " under its old name fails"));
    }

    private Stream<Compatibility> alter(AlterTable alter) {
        WrittenName table = alter.table();
        return alter.commands().stream().flatMap(command -> command(table, command));
    }

    private Stream<Compatibility> command(WrittenName table, AlterCommand command) {
        return switch (command.subtype()) {
            case "AT_DropColumn" ->
                Stream.of(breaks(
                        QUERIES, "everything that names column " + command.name() + " of " + table + " fails" + AGAIN));
            case "AT_AlterColumnType" ->
                Stream.of(breaks(
                        PREPARED_STATEMENTS,
                        "column " + command.name() + " of " + table + " has another type" + AGAIN));
            case "AT_AddColumn" -> command.column().stream().flatMap(column -> column(table, column));
            case "AT_SetNotNull" ->
                Stream.of(breaks(WRITES, "writes that leave " + command.name() + " of " + table + " NULL fail"));
            case "AT_AddConstraint" -> command.constraint().stream().flatMap(one -> constraint(table, one));
            case "AT_ColumnDefault" ->
                command.definition().isMissingNode()
                        ? Stream.of(breaks(
                                WRITES,
                                "inserts that leave out " + command.name() + " of " + table + " put NULL, or fail"))
                        : Stream.empty();
            case "AT_EnableRowSecurity", "AT_ForceRowSecurity" ->
                Stream.of(breaks(QUERIES, "roles without a policy on " + table + " see no rows any more"));
            default -> Stream.empty();
        };
    }

    private Stream<Compatibility> column(WrittenName table, ColumnDefinition column) {
        Compatibility again = breaks(PREPARED_STATEMENTS, table + " has a column more" + AGAIN);
        return column.notNull() && !column.fillsItself()
                ? Stream.of(
                        again,
                        breaks(
                                WRITES,
                                "inserts into " + table + " that do not know the required column " + column.name()
                                        + " fail"))
                : Stream.of(again);
    }

    private Stream<Compatibility> constraint(WrittenName table, ConstraintDefinition constraint) {
        String words =
                switch (constraint.kind()) {
                    case CHECK -> "the new CHECK";
                    case FOREIGN_KEY -> "the new foreign key to " + constraint.references();
                    case UNIQUE, PRIMARY_KEY -> "the new key";
                    case EXCLUSION -> "the new exclusion constraint";
                    case NOT_NULL -> "the new NOT NULL";
                    default -> "";
                };
        return words.isEmpty()
                ? Stream.empty()
                : Stream.of(breaks(WRITES, "writes to " + table + " that do not keep to " + words + " fail"));
    }

    private Stream<Compatibility> other(Statement statement) {
        JsonNode node = statement.node();
        return switch (statement.kind()) {
            case "AlterObjectSchemaStmt" ->
                Stream.of(breaks(
                        QUERIES,
                        "what is moved to schema " + node.path("newschema").asText()
                                + " is not found under its old schema"));
            case "GrantStmt" ->
                node.path("is_grant").asBoolean()
                        ? Stream.empty()
                        : Stream.of(breaks(QUERIES, "roles that lose the right fail with 42501: " + roles(node)));
            case "AlterEnumStmt" ->
                node.has("oldVal")
                        ? Stream.of(breaks(
                                QUERIES,
                                "the value '" + node.path("oldVal").asText()
                                        + "' is not known any more under that name"))
                        : Stream.empty();
            default -> Stream.empty();
        };
    }

    private static String roles(JsonNode node) {
        return Stream.of(node.path("grantees"))
                .flatMap(list -> StreamSupport.stream(list.spliterator(), false))
                .map(role -> role.path("RoleSpec").path("rolename").asText("PUBLIC"))
                .collect(Collectors.joining(", "));
    }
}
