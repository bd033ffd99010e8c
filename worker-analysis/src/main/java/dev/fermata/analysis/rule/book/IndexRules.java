package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.BLOCKING;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.CreateIndex;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Building, dropping and rebuilding indexes while others work. */
final class IndexRules {
    private static final Rule INDEX_BLOCKS_WRITES = Rule.named("index-blocks-writes", BLOCKING)
            .bySize()
            .what("CREATE INDEX without CONCURRENTLY blocks writes to the table while it is built.")
            .why("It holds a SHARE lock until it commits: every INSERT, UPDATE and DELETE on the table waits.")
            .safer("CREATE INDEX CONCURRENTLY, outside a transaction; or strategy: online, which does that.")
            .fires("CREATE INDEX orders_note ON orders (note)")
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note)")
            .passes("CREATE TABLE fresh (a int); CREATE INDEX fresh_a ON fresh (a)")
            .manual("sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY")
            .when(subject -> blockingIndex(subject)
                    .filter(index -> !isPartitioned(subject, index.table()))
                    .map(index -> Hit.of("CREATE INDEX blocks writes to " + subject.name(index.table())
                                    + " while the index is built")
                            .on(index.table())
                            .fix(subject.statement()
                                    .text()
                                    .replaceFirst("(?i)^(create\\s+(?:unique\\s+)?index)\\b", "$1 CONCURRENTLY"))));

    private static final Rule PARTITIONED_INDEX_BLOCKS_WRITES = Rule.named("partitioned-index-blocks-writes", BLOCKING)
            .bySize()
            .what("CREATE INDEX on a partitioned table builds the index of every partition under one lock.")
            .why("All partitions are locked SHARE until the last of them is done, and CONCURRENTLY is not possible"
                    + " here.")
            .safer("CREATE INDEX ON ONLY the parent, CREATE INDEX CONCURRENTLY on each partition, then ALTER INDEX ..."
                    + " ATTACH PARTITION for each.")
            .fires("CREATE INDEX events_kind ON events (kind)", Situations.REST)
            .passes("CREATE INDEX events_kind ON ONLY events (kind)", Situations.REST)
            .manual("ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE")
            .when(subject -> blockingIndex(subject)
                    .filter(index -> isPartitioned(subject, index.table()))
                    .map(index -> Hit.of("CREATE INDEX blocks writes to all partitions of "
                                    + subject.name(index.table()) + " until the last is done")
                            .on(index.table())));

    private static final Rule DROP_INDEX_BLOCKS = Rule.named("drop-index-blocks", BLOCKING)
            .byTraffic()
            .what("DROP INDEX without CONCURRENTLY locks the table against reads and writes.")
            .why("It takes ACCESS EXCLUSIVE on the table: it waits for the longest running query, and all others wait"
                    + " behind it.")
            .safer("DROP INDEX CONCURRENTLY, outside a transaction; or strategy: online, which does that.")
            .fires("DROP INDEX orders_status")
            .passes("DROP INDEX CONCURRENTLY orders_status")
            .passes("CREATE TABLE fresh (a int); CREATE INDEX fresh_a ON fresh (a); DROP INDEX fresh_a")
            .manual("sql-dropindex.html")
            .when(subject -> subject.drop("INDEX").stream()
                    .filter(drop -> !drop.concurrently() && subject.asWritten())
                    .filter(drop -> !drop.names().stream().allMatch(subject.before()::createdIndex))
                    .map(drop -> {
                        Hit hit = Hit.of("DROP INDEX blocks reads and writes of the index's table");
                        hit = drop.names().size() > 1 || drop.cascade()
                                ? hit
                                : hit.fix(subject.statement()
                                        .text()
                                        .replaceFirst("(?i)^(drop\\s+index)\\b", "$1 CONCURRENTLY"));
                        return tableOf(subject, drop.names().getFirst())
                                .map(hit::on)
                                .orElse(hit);
                    }));

    private static final Rule REINDEX_BLOCKS = Rule.named("reindex-blocks", BLOCKING)
            .bySize()
            .what("REINDEX without CONCURRENTLY blocks writes to the table, and reads that would use the index.")
            .why("The table is locked SHARE and the index ACCESS EXCLUSIVE; planning a query locks all indexes of its"
                    + " tables, so reads wait too.")
            .safer("REINDEX ... CONCURRENTLY, outside a transaction.")
            .fires("REINDEX INDEX orders_status")
            .fires("REINDEX TABLE orders")
            .passes("REINDEX INDEX CONCURRENTLY orders_status")
            .manual("sql-reindex.html#SQL-REINDEX-CONCURRENTLY")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("ReindexStmt"))
                    .filter(one -> !one.profile().description().contains("CONCURRENTLY"))
                    .map(one -> {
                        Hit hit = Hit.of(
                                one.profile().description() + " blocks writes, and most reads, until it is done");
                        return Names.of(one.statement().node().path("relation"))
                                .flatMap(name -> tableOf(one, name).or(() -> Optional.of(name)))
                                .map(hit::on)
                                .orElse(hit)
                                .fix(one.statement()
                                        .text()
                                        .replaceFirst(
                                                "(?i)^(reindex\\s+(?:\\([^)]*\\)\\s*)?(?:index|table|schema|database|system))\\b",
                                                "$1 CONCURRENTLY"));
                    }));

    private static final Rule CONCURRENT_INDEX_ON_PARTITIONED = Rule.named("concurrent-index-on-partitioned", BLOCKING)
            .severity(RiskLevel.HIGH)
            .what("CREATE INDEX CONCURRENTLY on a partitioned table is refused by the server.")
            .why("The change would stop there, with what came before it done.")
            .safer("CREATE INDEX ON ONLY the parent, CREATE INDEX CONCURRENTLY on each partition, then ALTER INDEX ..."
                    + " ATTACH PARTITION for each.")
            .fires("CREATE INDEX CONCURRENTLY events_kind ON events (kind)", Situations.REST)
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.REST)
            .manual("sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY")
            .refused()
            .when(subject -> subject.createIndex().stream()
                    .filter(index -> index.concurrently() && isPartitioned(subject, index.table()))
                    .map(index -> Hit.of("the server refuses CREATE INDEX CONCURRENTLY on the partitioned table "
                                    + index.table())
                            .on(index.table())));

    private static final Rule IF_NOT_EXISTS_HIDES_INVALID_INDEX = Rule.named(
                    "if-not-exists-hides-invalid-index", BLOCKING)
            .severity(RiskLevel.MEDIUM)
            .what("CREATE INDEX CONCURRENTLY IF NOT EXISTS is content with an invalid index of that name.")
            .why("A build that was interrupted leaves an index that is written on every update and used by no query;"
                    + " tried again, this says \"already exists, skipping\" and reports success.")
            .safer("DROP INDEX CONCURRENTLY IF EXISTS first, and create without IF NOT EXISTS.")
            .fires("CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note ON orders (note)")
            .passes("DROP INDEX CONCURRENTLY IF EXISTS orders_note; CREATE INDEX CONCURRENTLY orders_note ON orders"
                    + " (note)")
            .manual("sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY")
            .when(subject -> subject.createIndex().stream()
                    .filter(index -> index.concurrently() && index.ifNotExists() && subject.isOld(index.table()))
                    .map(index -> Hit.of("if an earlier try left " + index.name()
                                    + " invalid, this does nothing and reports success")
                            .on(index.table())
                            .fix("DROP INDEX CONCURRENTLY IF EXISTS " + indexName(index) + ";\n"
                                    + subject.statement().text().replaceFirst("(?i)\\s+if\\s+not\\s+exists\\b", ""))));

    static final List<Rule> ALL = List.of(
            INDEX_BLOCKS_WRITES,
            PARTITIONED_INDEX_BLOCKS_WRITES,
            DROP_INDEX_BLOCKS,
            REINDEX_BLOCKS,
            CONCURRENT_INDEX_ON_PARTITIONED,
            IF_NOT_EXISTS_HIDES_INVALID_INDEX);

    private IndexRules() {}

    private static Stream<CreateIndex> blockingIndex(Subject subject) {
        return subject.createIndex().stream()
                .filter(index ->
                        !index.concurrently() && !index.only() && subject.asWritten() && subject.isOld(index.table()));
    }

    static boolean isPartitioned(Subject subject, WrittenName table) {
        return subject.before()
                        .createdTable(table)
                        .map(one -> one.partitioned())
                        .orElse(false)
                || subject.relation(table)
                        .filter(relation -> relation.kind() == Relation.Kind.PARTITIONED_TABLE)
                        .isPresent();
    }

    /** The table of an index, where the database knows it. */
    static Optional<WrittenName> tableOf(Subject subject, WrittenName index) {
        return subject.schema()
                .flatMap(schema -> schema.index(index.schema(), index.name()))
                .map(Index::table)
                .map(table -> new WrittenName(table.schema(), table.name()));
    }

    private static WrittenName indexName(CreateIndex index) {
        return new WrittenName(index.table().schema(), index.name());
    }
}
