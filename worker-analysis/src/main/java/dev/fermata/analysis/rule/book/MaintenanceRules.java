package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.BLOCKING;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.WrittenName;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Commands that keep a table for themselves for as long as it is large. */
final class MaintenanceRules {
    private static final Rule CLUSTER = Rule.named("cluster-locks-table", BLOCKING)
            .bySize()
            .what("CLUSTER copies the table and builds its indexes while nobody can read or write it.")
            .why("ACCESS EXCLUSIVE is held for the whole copy, and the disk must hold the table twice.")
            .safer("pg_repack or pg_squeeze, which copy beside the application; or leave the order as it is.")
            .fires("CLUSTER orders USING orders_pkey")
            .passes("ALTER TABLE orders CLUSTER ON orders_pkey")
            .manual("sql-cluster.html")
            .when(subject -> named(subject, "ClusterStmt", "relation")
                    .map(table -> Hit.of("CLUSTER copies " + subject.name(table) + " while reads and writes wait")
                            .on(table)));

    private static final Rule VACUUM_FULL = Rule.named("vacuum-full-locks-table", BLOCKING)
            .bySize()
            .what("VACUUM FULL copies the table and builds its indexes while nobody can read or write it.")
            .why("ACCESS EXCLUSIVE is held for the whole copy, and the disk must hold the table twice.")
            .safer("plain VACUUM, which makes the space usable again; pg_repack or pg_squeeze where it must go back to"
                    + " the system.")
            .fires("VACUUM FULL orders")
            .passes("VACUUM (ANALYZE) orders")
            .manual("sql-vacuum.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("VacuumStmt") && isFull(one))
                    .flatMap(one -> {
                        var relations = one.statement().node().path("rels");
                        if (relations.isEmpty()) {
                            return Stream.of(
                                    Hit.of("VACUUM FULL copies one table of the database after the other while their"
                                            + " readers and writers wait"));
                        }
                        return relations
                                .valueStream()
                                .flatMap(relation ->
                                        Names.of(relation.path("VacuumRelation").path("relation")).stream())
                                .map(table -> Hit.of("VACUUM FULL copies " + subject.name(table)
                                                + " while reads and writes wait")
                                        .on(table));
                    }));

    private static final Rule SET_LOGGED = altering("set-logged-rewrites")
            .what("SET LOGGED and SET UNLOGGED copy the table.")
            .why("ACCESS EXCLUSIVE is held for the copy; SET LOGGED also writes all of it to the WAL, which"
                    + " replicas and archives have to follow.")
            .safer("a new table of the wanted sort, filled in batches, then swapped by name.")
            .fires("ALTER TABLE orders SET LOGGED")
            .passes("CREATE UNLOGGED TABLE fresh (a int); ALTER TABLE fresh SET LOGGED")
            .manual("sql-altertable.html")
            .when(alter("copies", "AT_SetLogged", "AT_SetUnLogged"));

    private static final Rule SET_TABLESPACE = altering("set-tablespace-copies")
            .what("SET TABLESPACE copies the table's files to another disk.")
            .why("ACCESS EXCLUSIVE is held for the copy; only when it is there already nothing is copied.")
            .safer("pg_repack with its tablespace option, or a new table there, filled in batches.")
            .fires("ALTER TABLE orders SET TABLESPACE pg_default")
            .passes("CREATE TABLE fresh (a int); ALTER TABLE fresh SET TABLESPACE pg_default")
            .manual("sql-altertable.html")
            .when(alter("copies", "AT_SetTableSpace"));

    private static final Rule SET_ACCESS_METHOD = altering("set-access-method-rewrites")
            .what("SET ACCESS METHOD writes every row anew.")
            .why("ACCESS EXCLUSIVE is held until all rows are converted.")
            .safer("a new table with that access method, filled in batches, then swapped by name.")
            .fires("ALTER TABLE orders SET ACCESS METHOD heap")
            .passes("CREATE TABLE fresh (a int) USING heap")
            .manual("sql-altertable.html")
            .when(alter("converts", "AT_SetAccessMethod"));

    private static final Rule LOCK_TABLE = Rule.named("explicit-lock", BLOCKING)
            .severity(RiskLevel.MEDIUM)
            .what("LOCK TABLE holds a lock for the rest of the transaction, whatever that takes.")
            .why("Nobody who needs the table can know how long, and the statement itself waits for those who are there,"
                    + " with all later ones behind it.")
            .safer("let each statement take the lock it needs; where rows must stand still, a constraint or SELECT"
                    + " ... FOR UPDATE of those rows.")
            .fires("BEGIN; LOCK TABLE orders; COMMIT")
            .passes("BEGIN; SELECT * FROM orders WHERE id = 1 FOR UPDATE; COMMIT")
            .manual("sql-lock.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("LockStmt"))
                    .flatMap(one -> one.profile().locks().stream())
                    .filter(lock -> lock.mode().blocksWrites() && subject.isOld(lock.relation()))
                    .map(lock -> Hit.of("writes" + (lock.mode().blocksReads() ? " and reads" : "") + " of "
                                    + subject.name(lock.relation()) + " wait until the transaction ends")
                            .on(lock.relation())));

    private static final Rule REFRESH = Rule.named("refresh-blocks-reads", BLOCKING)
            .bySize()
            .what("REFRESH MATERIALIZED VIEW without CONCURRENTLY locks the view until its query is done.")
            .why("ACCESS EXCLUSIVE on the materialized view: nobody reads it meanwhile.")
            .safer("REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on plain columns of all rows.")
            .fires("REFRESH MATERIALIZED VIEW daily_sales")
            .passes("REFRESH MATERIALIZED VIEW CONCURRENTLY daily_sales")
            .passes("CREATE MATERIALIZED VIEW fresh AS SELECT 1 AS a WITH NO DATA; REFRESH MATERIALIZED VIEW fresh")
            .manual("sql-refreshmaterializedview.html")
            .when(subject -> named(subject, "RefreshMatViewStmt", "relation")
                    .filter(view -> subject.isOld(view)
                            && !subject.statement().node().path("concurrent").asBoolean()
                            && !subject.statement().node().path("skipData").asBoolean())
                    .map(view -> {
                        Hit hit = Hit.of("readers of " + view + " wait until its query is done")
                                .on(view);
                        return hasUniqueIndex(subject, view)
                                ? hit.fix(subject.statement()
                                        .text()
                                        .replaceFirst("(?i)(materialized\\s+view)\\b", "$1 CONCURRENTLY"))
                                : hit;
                    }));

    static final List<Rule> ALL =
            List.of(CLUSTER, VACUUM_FULL, SET_LOGGED, SET_TABLESPACE, SET_ACCESS_METHOD, LOCK_TABLE, REFRESH);

    private MaintenanceRules() {}

    private static Rule.Draft altering(String id) {
        return Rule.named(id, BLOCKING).bySize();
    }

    private static Function<Subject, Stream<Hit>> alter(String verb, String... subtypes) {
        return subject -> ConstraintRules.alterOld(subject)
                .flatMap(alter -> alter.commands(subtypes).map(command -> Hit.of(
                                "it " + verb + " " + subject.name(alter.table()) + " while reads and writes wait")
                        .on(alter.table())
                        .at(command.offset())));
    }

    private static Stream<WrittenName> named(Subject subject, String kind, String field) {
        return Stream.of(subject)
                .filter(one -> one.is(kind))
                .flatMap(one -> Names.of(one.statement().node().path(field)).stream());
    }

    private static boolean isFull(Subject subject) {
        return subject.statement()
                .node()
                .path("options")
                .valueStream()
                .anyMatch(option ->
                        option.path("DefElem").path("defname").asText().equals("full")
                                && !List.of("false", "off", "0")
                                        .contains(option.path("DefElem")
                                                .path("arg")
                                                .path("String")
                                                .path("sval")
                                                .asText("true")));
    }

    private static boolean hasUniqueIndex(Subject subject, WrittenName view) {
        return subject.relation(view).stream()
                .flatMap(relation -> relation.indexes().stream())
                .anyMatch(index -> index.unique()
                        && index.valid()
                        && index.predicate() == null
                        && !index.keys().contains(""));
    }
}
