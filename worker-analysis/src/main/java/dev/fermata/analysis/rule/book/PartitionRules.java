package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.BLOCKING;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.RelationEffect;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ConstraintDefinition.Kind;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Partitions that come and go. */
final class PartitionRules {
    private static final String PARTITIONING = "ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE";

    private static final Rule PARTITION_OF_LOCKS_PARENT = Rule.named("partition-of-locks-parent", BLOCKING)
            .byTraffic()
            .what("CREATE TABLE ... PARTITION OF locks the parent against reads and writes.")
            .why("ACCESS EXCLUSIVE on the parent: it waits for the longest running query on any partition, and all"
                    + " others wait behind it. A DEFAULT partition is locked too, and read.")
            .safer("CREATE TABLE (LIKE parent INCLUDING ALL), a CHECK with the bounds, then ALTER TABLE ... ATTACH"
                    + " PARTITION, which locks the parent SHARE UPDATE EXCLUSIVE only.")
            .fires("CREATE TABLE clicks_2027 PARTITION OF clicks FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')")
            .passes("CREATE TABLE fresh (at date) PARTITION BY RANGE (at);"
                    + " CREATE TABLE fresh_1 PARTITION OF fresh FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')")
            .passes("CREATE TABLE clicks_2027 (LIKE clicks INCLUDING ALL); ALTER TABLE clicks ATTACH PARTITION"
                    + " clicks_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')")
            .manual(PARTITIONING)
            .when(subject -> subject.createTable().stream()
                    .filter(table -> table.partition())
                    .flatMap(table -> table.parents().stream())
                    .filter(subject::isOld)
                    .map(parent -> Hit.of("reads and writes of " + subject.name(parent)
                                    + " wait while the partition is added")
                            .on(parent)));

    private static final Rule NEW_PARTITION_SCANS_DEFAULT = Rule.named("new-partition-scans-default", BLOCKING)
            .bySize()
            .what("Adding a partition reads the whole DEFAULT partition, to be sure that no row belongs to the new"
                    + " one.")
            .why("The DEFAULT partition is locked ACCESS EXCLUSIVE meanwhile, and the more it holds the longer that"
                    + " is.")
            .safer("a validated CHECK on the DEFAULT partition that excludes the new bounds spares the scan; drop it"
                    + " afterwards.")
            .fires(
                    "CREATE TABLE events_2028 PARTITION OF events FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')",
                    Situations.REST)
            .fires(
                    "ALTER TABLE events ATTACH PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
                    Situations.REST)
            .passes(
                    "CREATE TABLE clicks_2029 PARTITION OF clicks FOR VALUES FROM ('2029-01-01') TO ('2030-01-01')",
                    Situations.REST)
            .manual(PARTITIONING)
            .when(subject -> parentsThatGrow(subject)
                    .flatMap(parent -> defaultPartition(subject, parent)
                            .filter(partition -> scans(subject, partition))
                            .map(partition -> new WrittenName(partition.schema(), partition.name()))
                            .map(partition -> Hit.of("all of the DEFAULT partition " + subject.name(partition)
                                            + " is read under ACCESS EXCLUSIVE")
                                    .on(partition))
                            .stream()));

    private static final Rule ATTACH_SCANS_PARTITION = Rule.named("attach-scans-partition", BLOCKING)
            .bySize()
            .what("ATTACH PARTITION reads the whole new partition unless a CHECK shows that its rows fit.")
            .why("The partition is locked ACCESS EXCLUSIVE while it is read.")
            .safer("ADD CONSTRAINT ... CHECK with the bounds NOT VALID, VALIDATE it, then attach, then drop it; the"
                    + " key columns must be NOT NULL or the CHECK must say so.")
            .fires("ALTER TABLE clicks ATTACH PARTITION clicks_2028 FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')")
            .passes("CREATE TABLE clicks_2027 (LIKE clicks INCLUDING ALL); ALTER TABLE clicks ATTACH PARTITION"
                    + " clicks_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')")
            .passes("ALTER TABLE events_2027 ADD CONSTRAINT fits CHECK (at >= '2027-01-01' AND at < '2028-01-01') NOT"
                    + " VALID; ALTER TABLE events_2027 VALIDATE CONSTRAINT fits; ALTER TABLE events ATTACH"
                    + " PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')")
            .manual(PARTITIONING)
            .when(subject -> commands(subject, "AT_AttachPartition").flatMap(command -> command.otherTable().stream()
                    .filter(subject::isOld)
                    .filter(partition -> attachScans(subject, partition))
                    .map(partition -> Hit.of("all of " + subject.name(partition)
                                    + " is read under ACCESS EXCLUSIVE, unless a CHECK proves its bounds")
                            .on(partition)
                            .at(command.offset()))));

    private static final Rule DETACH_BLOCKS = Rule.named("detach-blocks", BLOCKING)
            .byTraffic()
            .what("DETACH PARTITION without CONCURRENTLY locks the parent against reads and writes.")
            .why("ACCESS EXCLUSIVE on the parent, the partition and a DEFAULT partition: it waits for the longest"
                    + " running query, and all others wait behind it.")
            .safer("DETACH PARTITION ... CONCURRENTLY, outside a transaction; not possible beside a DEFAULT"
                    + " partition, and it leaves a CHECK with the old bounds on the table, which can be dropped.")
            .fires("ALTER TABLE clicks DETACH PARTITION clicks_2026")
            .passes("ALTER TABLE clicks DETACH PARTITION clicks_2026 CONCURRENTLY")
            .manual("sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION")
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_DetachPartition")
                    .filter(command -> !command.definition()
                            .path("PartitionCmd")
                            .path("concurrent")
                            .asBoolean())
                    .map(command -> Hit.of("reads and writes of " + subject.name(alter.table())
                                    + " wait while the partition is detached")
                            .on(alter.table())
                            .at(command.offset()))));

    private static final Rule DETACH_CONCURRENTLY_BESIDE_DEFAULT = Rule.named(
                    "detach-concurrently-beside-default", BLOCKING)
            .severity(RiskLevel.HIGH)
            .what("DETACH PARTITION CONCURRENTLY is refused where the parent has a DEFAULT partition.")
            .why("The change would stop there, with what came before it done.")
            .safer("detach without CONCURRENTLY, with a short lock budget and retries.")
            .fires("ALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY", Situations.REST)
            .passes("ALTER TABLE clicks DETACH PARTITION clicks_2026 CONCURRENTLY", Situations.REST)
            .manual("sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION")
            .refused()
            .when(subject -> ConstraintRules.alterOld(subject)
                    .filter(alter -> defaultPartition(subject, alter.table()).isPresent())
                    .flatMap(alter -> alter.commands("AT_DetachPartition")
                            .filter(command -> command.definition()
                                    .path("PartitionCmd")
                                    .path("concurrent")
                                    .asBoolean())
                            .map(command -> Hit.of(
                                            "the server refuses it: " + alter.table() + " has a DEFAULT partition")
                                    .on(alter.table())
                                    .at(command.offset()))));

    static final List<Rule> ALL = List.of(
            PARTITION_OF_LOCKS_PARENT,
            NEW_PARTITION_SCANS_DEFAULT,
            ATTACH_SCANS_PARTITION,
            DETACH_BLOCKS,
            DETACH_CONCURRENTLY_BESIDE_DEFAULT);

    private PartitionRules() {}

    private static Stream<AlterCommand> commands(Subject subject, String subtype) {
        return subject.alterTable().stream().flatMap(alter -> alter.commands(subtype));
    }

    private static Stream<WrittenName> parentsThatGrow(Subject subject) {
        return Stream.concat(
                subject.createTable().stream()
                        .filter(table -> table.partition())
                        .flatMap(table -> table.parents().stream()),
                subject.alterTable().stream()
                        .filter(alter ->
                                alter.commands("AT_AttachPartition").findAny().isPresent())
                        .map(AlterTable::table));
    }

    private static Optional<QualifiedName> defaultPartition(Subject subject, WrittenName parent) {
        return subject.relation(parent).flatMap(relation -> relation.children().stream()
                .flatMap(child -> subject.schema().orElseThrow().relation(child).stream())
                .filter(Relation::isDefaultPartition)
                .map(Relation::name)
                .findFirst());
    }

    private static boolean scans(Subject subject, QualifiedName relation) {
        return subject.effects()
                .flatMap(effects -> effects.on(relation))
                .map(RelationEffect::scans)
                .filter(scans -> scans != Likelihood.NO)
                .isPresent();
    }

    /** Whether no CHECK of this change on the partition could be the proof; the server alone knows whether it is. */
    private static boolean attachScans(Subject subject, WrittenName partition) {
        boolean checkedHere = subject.statements().stream()
                .limit(subject.statement().index())
                .flatMap(statement -> AlterTable.of(statement).stream())
                .filter(alter -> alter.table().equals(partition))
                .flatMap(alter -> alter.commands().stream())
                .flatMap(command -> command.constraint().stream())
                .anyMatch(constraint -> constraint.kind() == Kind.CHECK);
        if (checkedHere) {
            return false;
        }
        return subject.relation(partition)
                .map(relation -> subject.effects().isEmpty() || scans(subject, relation.name()))
                .orElse(true);
    }
}
