package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.COMPATIBILITY;
import static dev.fermata.analysis.rule.Family.OPERATION;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Publication;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.AlterTable;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tables that others count on: subscribers, extensions, the planner. */
final class OwnershipRules {
    private static final Set<String> OTHER_COLUMNS = Set.of("AT_AddColumn", "AT_DropColumn", "AT_AlterColumnType");

    private static final Rule PUBLISHED_TABLE = Rule.named("published-table", COMPATIBILITY)
            .severity(RiskLevel.HIGH)
            .what("The columns of a table that is replicated logically change.")
            .why("Logical replication sends rows, not DDL: a subscriber that lacks the column, or has it with another"
                    + " type, stops with an error at the next row, and its slot keeps all WAL from then on.")
            .safer("add columns at the subscriber first and here second; drop them here first and there second, after"
                    + " publishing a list of columns without them, as strategy: online keeps them under another name.")
            .fires("ALTER TABLE customers ADD COLUMN a int", Situations.REST)
            .fires("ALTER TABLE customers RENAME COLUMN name TO full_name", Situations.REST)
            .passes("ALTER TABLE orders ADD COLUMN a int", Situations.REST)
            .passes("ALTER TABLE customers ALTER COLUMN name SET DEFAULT 'x'", Situations.REST)
            .manual("logical-replication-restrictions.html")
            .when(subject -> columnsChange(subject).flatMap(table -> subject.relation(table).stream()
                    .map(relation -> publications(subject, relation))
                    .filter(names -> !names.isEmpty())
                    .map(names -> Hit.of(table + " is sent to subscribers by publication " + names
                                    + ", and they do not get this change")
                            .on(table))));

    private static final Rule EXTENSION_OWNED_TABLE = Rule.named("extension-owned-table", OPERATION)
            .severity(RiskLevel.HIGH)
            .what("The statement changes a relation that belongs to an extension.")
            .why("The extension has its own idea of its tables: an update of it may fail or undo the change, and dumps"
                    + " leave it out.")
            .safer("the functions that the extension has for it.")
            .fires("ALTER TABLE orders ADD COLUMN a int", Situations.EXTENSION)
            .passes("ALTER TABLE customers ADD COLUMN a int", Situations.EXTENSION)
            .passes("INSERT INTO orders (id, customer_id) VALUES (1000, 1)", Situations.EXTENSION)
            .manual("extend-extensions.html")
            .when(subject -> SituationRules.locks(subject)
                    .filter(lock -> lock.mode().blocksWrites())
                    .flatMap(lock -> subject.schema().flatMap(schema -> schema.relation(lock.relation())).stream())
                    .filter(relation -> relation.extension() != null)
                    .map(relation -> Hit.of(relation.name() + " belongs to the extension " + relation.extension())));

    private static final Rule STATISTICS_LOST = Rule.named("statistics-lost", OPERATION)
            .severity(RiskLevel.LOW)
            .what("A new type of a column throws its statistics away, and no ANALYZE follows.")
            .why("Until autovacuum comes by, queries are planned without knowing anything of the column.")
            .safer("ANALYZE table (column) right afterwards.")
            .fires("ALTER TABLE orders ALTER COLUMN quantity TYPE bigint")
            .passes("ALTER TABLE orders ALTER COLUMN quantity TYPE bigint; ANALYZE orders")
            .passes("ALTER TABLE orders ALTER COLUMN quantity TYPE bigint; ANALYZE")
            .passes("CREATE TABLE fresh (a int); ALTER TABLE fresh ALTER COLUMN a TYPE bigint")
            .manual("sql-altertable.html")
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_AlterColumnType")
                    .filter(command -> subject.later().stream().noneMatch(later -> analyzes(later, alter.table())))
                    .limit(1)
                    .map(command -> Hit.of("the statistics of " + alter.table() + "." + command.name()
                                    + " are gone after this")
                            .on(alter.table())
                            .at(command.offset()))));

    static final List<Rule> ALL = List.of(PUBLISHED_TABLE, EXTENSION_OWNED_TABLE, STATISTICS_LOST);

    private OwnershipRules() {}

    private static Stream<WrittenName> columnsChange(Subject subject) {
        Stream<WrittenName> altered = subject.alterTable().stream()
                .filter(alter -> alter.commands().stream()
                        .anyMatch(command -> OTHER_COLUMNS.stream().anyMatch(command::is)))
                .map(AlterTable::table);
        Stream<WrittenName> renamed = subject.rename().stream()
                .filter(rename -> rename.object().equals("COLUMN"))
                .map(rename -> rename.of());
        return Stream.concat(altered, renamed);
    }

    private static String publications(Subject subject, Relation relation) {
        return subject.schema().orElseThrow().publicationsOf(relation.name()).stream()
                .map(Publication::name)
                .collect(Collectors.joining(", "));
    }

    private static boolean analyzes(Statement statement, WrittenName table) {
        if (!statement.kind().equals("VacuumStmt")) {
            return false;
        }
        boolean analyze = !statement.node().path("is_vacuumcmd").asBoolean()
                || statement.node().path("options").toString().contains("\"analyze\"");
        var relations = statement.node().path("rels");
        if (relations.isEmpty()) {
            return analyze;
        }
        for (var relation : relations) {
            if (relation.path("VacuumRelation")
                    .path("relation")
                    .path("relname")
                    .asText()
                    .equals(table.name())) {
                return analyze;
            }
        }
        return false;
    }
}
