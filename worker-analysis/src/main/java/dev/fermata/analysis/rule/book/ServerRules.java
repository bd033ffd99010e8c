package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.SITUATION;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.context.Slot;
import dev.fermata.postgres.context.Standby;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.Expressions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What the server and those that follow it are like at this moment: standbys, slots, backups, memory. */
final class ServerRules {
    /** Rows from which a rewrite or an index build sends so much WAL that others feel it. */
    private static final long MUCH = 100_000;

    private static final Duration BEHIND = Duration.ofSeconds(10);
    private static final long BEHIND_BYTES = 64L << 20;
    private static final double SOME_WRITES = 1;
    private static final long SPILLS = 10_000_000;
    private static final long SMALL_MEMORY = 64L << 20;

    private static final Set<String> SESSION_LOCKS = Set.of(
            "pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock", "pg_try_advisory_lock_shared");

    private static final Rule STANDBY_LAGS = Rule.named("standby-lags", SITUATION)
            .severity(RiskLevel.HIGH)
            .what("A standby is behind already, and the statement writes much WAL.")
            .why("Reads from the standby become older still, and if the primary fails more is lost.")
            .safer("wait until the standby has caught up.")
            .fires(
                    "CREATE INDEX CONCURRENTLY orders_note ON orders (note)",
                    Situations.standby(false, BEHIND.plusSeconds(50)))
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.standby(false, Duration.ZERO))
            .passes("ALTER TABLE orders ADD COLUMN a int", Situations.standby(false, BEHIND.plusSeconds(50)))
            .manual("warm-standby.html#STREAMING-REPLICATION-MONITORING")
            .when(subject -> writesMuch(subject).flatMap(table -> standbys(subject)
                    .filter(ServerRules::isBehind)
                    .limit(1)
                    .map(one -> Hit.of("standby " + one.name() + " is " + behind(one) + " behind, and all of "
                                    + subject.name(table) + " is written again")
                            .on(table))));

    private static final Rule SYNCHRONOUS_STANDBY = Rule.named("synchronous-standby-waits", SITUATION)
            .severity(RiskLevel.MEDIUM)
            .what("Commits wait for a standby, which has to take all the WAL of the statement first.")
            .why("WAL is sent in its order: every commit of the application waits behind what the statement has"
                    + " written.")
            .safer("a time of little traffic, or batches with pauses.")
            .fires("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.standby(true, Duration.ZERO))
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.standby(false, Duration.ZERO))
            .manual("warm-standby.html#SYNCHRONOUS-REPLICATION")
            .when(subject -> writesMuch(subject).flatMap(table -> standbys(subject)
                    .filter(Standby::synchronous)
                    .limit(1)
                    .map(one -> Hit.of("commits wait for standby " + one.name() + " while it takes the WAL of "
                                    + subject.name(table))
                            .on(table))));

    private static final Rule STANDBY_CANCELS = Rule.named("standby-cancels-reads", SITUATION)
            .severity(RiskLevel.MEDIUM)
            .what("ACCESS EXCLUSIVE is taken on standbys too, when they apply it.")
            .why("Queries on the standby that use the table are cancelled after max_standby_streaming_delay, and until"
                    + " then the standby falls behind.")
            .safer("let long reports on standbys end first.")
            .fires("ALTER TABLE orders ADD COLUMN a int", Situations.standby(false, Duration.ZERO))
            .passes("ALTER TABLE orders ADD COLUMN a int", Situations.REST)
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.standby(false, Duration.ZERO))
            .manual("hot-standby.html#HOT-STANDBY-CONFLICT")
            .when(subject -> SituationRules.locks(subject)
                    .filter(lock -> lock.mode() == LockMode.ACCESS_EXCLUSIVE)
                    .filter(lock -> subject.schema()
                            .flatMap(schema -> schema.relation(lock.relation()))
                            .filter(Relation::holdsRows)
                            .isPresent())
                    .limit(1)
                    .flatMap(lock -> standbys(subject).limit(1).map(one -> Hit.of("queries on standby " + one.name()
                                    + " that use " + lock.relation() + " are cancelled when it is applied there")
                            .on(written(lock.relation())))));

    private static final Rule IDLE_SLOT = Rule.named("idle-slot-keeps-wal", SITUATION)
            .severity(RiskLevel.HIGH)
            .what("A replication slot that nobody reads keeps all WAL, and the statement writes much of it.")
            .why("WAL piles up until the disk is full, and then the server stops.")
            .safer("have its consumer read again, or drop the slot, before the change begins.")
            .fires("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.slot(false))
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.slot(true))
            .passes("ALTER TABLE orders ADD COLUMN a int", Situations.slot(false))
            .manual("warm-standby.html#STREAMING-REPLICATION-SLOTS")
            .when(subject -> writesMuch(subject).flatMap(table -> subject.context().stream()
                    .flatMap(context -> context.slots().stream())
                    .filter(slot -> !slot.active())
                    .limit(1)
                    .map(slot -> Hit.of("slot " + slot.name() + " is not read and keeps the WAL of "
                                    + subject.name(table) + kept(slot))
                            .on(table))));

    private static final Rule BASE_BACKUP = Rule.named("base-backup-runs", SITUATION)
            .severity(RiskLevel.MEDIUM)
            .what("A base backup is being taken while the statement writes much.")
            .why("Both need the same disks, and the backup has to keep the WAL of all of it.")
            .safer("start when the backup is done.")
            .fires("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.BASE_BACKUP)
            .passes("ALTER TABLE orders ADD COLUMN a int", Situations.BASE_BACKUP)
            .manual("continuous-archiving.html#BACKUP-BASE-BACKUP")
            .when(subject -> writesMuch(subject)
                    .filter(table -> subject.context()
                            .filter(context -> context.baseBackup())
                            .isPresent())
                    .map(table -> Hit.of("a base backup is being taken while all of " + subject.name(table)
                                    + " is written again")
                            .on(table)));

    private static final Rule SETTING_BEHIND_POOLER = Rule.named("setting-behind-pooler", SITUATION)
            .severity(RiskLevel.HIGH)
            .what("Behind a pooler a setting, a lock or a prepared statement of the session goes to whoever comes"
                    + " next.")
            .why("The pooler hands out the server process anew for each transaction: the next statement may run without"
                    + " the setting, and somebody else's with it.")
            .safer("SET LOCAL inside the transaction, or connect to the server itself.")
            .fires("SET lock_timeout = '2s'", Situations.POOLED)
            .fires("SELECT pg_advisory_lock(7)", Situations.POOLED)
            .passes("SET lock_timeout = '2s'", Situations.REST)
            .passes("BEGIN; SET LOCAL lock_timeout = '2s'; COMMIT", Situations.POOLED)
            .manual("sql-set.html")
            .when(subject -> Stream.of(subject)
                    .filter(one ->
                            one.context().filter(context -> context.pooled()).isPresent())
                    .filter(ServerRules::belongsToSession)
                    .map(one -> Hit.of("what " + one.profile().description()
                            + " does for the session is lost or left to others behind a pooler")));

    private static final Rule ON_STANDBY = Rule.named("target-is-standby", SITUATION)
            .severity(RiskLevel.CRITICAL)
            .what("The target is a standby, which cannot be changed.")
            .why("The server refuses with error 25006.")
            .safer("the change belongs on the primary.")
            .fires("ALTER TABLE orders ADD COLUMN a int", Situations.STANDBY)
            .passes("ALTER TABLE orders ADD COLUMN a int", Situations.REST)
            .manual("hot-standby.html#HOT-STANDBY-USERS")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.statement().index() == 0)
                    .filter(one -> one.context()
                            .filter(context -> context.settings().inRecovery())
                            .isPresent())
                    .map(one -> Hit.of("the target is a standby and refuses changes")));

    private static final Rule TOO_MANY_LOCKS = Rule.named("too-many-locks", SITUATION)
            .severity(RiskLevel.HIGH)
            .what("The statement locks more relations than half of the server's table of locks has room for.")
            .why("When the table is full this statement, or any other session, fails with \"out of shared memory\".")
            .safer("a partition at a time, or a larger max_locks_per_transaction, which needs a restart.")
            .fires("ALTER TABLE events ADD COLUMN a int", Situations.FEW_LOCKS)
            .passes("ALTER TABLE notes ADD COLUMN a int", Situations.FEW_LOCKS)
            .manual("runtime-config-locks.html#GUC-MAX-LOCKS-PER-TRANSACTION")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.context()
                            .filter(context -> SituationRules.locks(one).count() * 2
                                    > context.settings().lockSlots())
                            .isPresent())
                    .map(one -> Hit.of("it locks " + SituationRules.locks(one).count()
                            + " relations at once, and the server has room" + " for "
                            + one.context().orElseThrow().settings().lockSlots())));

    private static final Rule STATISTICS_MISSING = Rule.named("statistics-missing", SITUATION)
            .severity(RiskLevel.LOW)
            .what("The table was never analyzed: its size is a guess, and so is what is said about the time.")
            .why("Estimates and severities rest on the number of rows that ANALYZE has found.")
            .safer("ANALYZE the table before the change.")
            .fires("CREATE INDEX orders_note ON orders (note)", Situations.NEVER_ANALYZED)
            .passes("CREATE INDEX orders_note ON orders (note)", Situations.REST)
            .passes("COMMENT ON TABLE orders IS 'never mind'", Situations.NEVER_ANALYZED)
            .manual("sql-analyze.html")
            .when(subject -> SituationRules.locks(subject)
                    .filter(lock -> lock.scans() == Likelihood.YES || lock.rewrites() == Likelihood.YES)
                    .filter(lock -> stats(subject, lock.relation())
                            .filter(table -> !table.analyzed() && table.kind() == TableStats.Kind.TABLE)
                            .isPresent())
                    .map(lock -> Hit.of(lock.relation() + " was never analyzed; its size is not known well")
                            .on(written(lock.relation()))));

    private static final Rule DEFAULT_PARTITION_GROWS = Rule.named("default-partition-grows", SITUATION)
            .severity(RiskLevel.HIGH)
            .what("The DEFAULT partition is written to all the time, and a new partition has to read all of it.")
            .why("Rows for the new bounds may arrive there until the lock is held: then the statement fails, and"
                    + " until it is over every write waits.")
            .safer("add the CHECK that excludes the new bounds first, as NOT VALID: from then on no such row arrives;"
                    + " move those that are there, and VALIDATE it.")
            .fires(
                    "ALTER TABLE events ATTACH PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
                    Situations.BUSY_DEFAULT)
            .passes(
                    "ALTER TABLE events ATTACH PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
                    Situations.REST)
            .manual("ddl-partitioning.html")
            .when(subject -> SituationRules.locks(subject)
                    .filter(lock -> lock.scans() == Likelihood.YES)
                    .filter(lock -> subject.schema()
                            .flatMap(schema -> schema.relation(lock.relation()))
                            .filter(Relation::isDefaultPartition)
                            .isPresent())
                    .map(lock -> written(lock.relation()))
                    .filter(table -> subject.exposure(table).writesPerSecond() > SOME_WRITES)
                    .map(table -> Hit.of(subject.name(table) + " is written to while all of it has to be read")
                            .on(table)));

    private static final Rule INDEX_MEMORY = Rule.named("index-build-memory", SITUATION)
            .severity(RiskLevel.LOW)
            .what("A large index is built with little maintenance_work_mem.")
            .why("The sort goes through temporary files on disk, which takes longer and takes the disk from others.")
            .safer("SET LOCAL, or SET for the session, a maintenance_work_mem that the server can spare.")
            .fires("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.rows(20_000_000))
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.rows(100_000))
            .manual("runtime-config-resource.html#GUC-MAINTENANCE-WORK-MEM")
            .when(subject -> subject.createIndex().stream()
                    .filter(index -> subject.exposure(index.table()).rows() >= SPILLS)
                    .filter(index ->
                            subject.before().setting("maintenance_work_mem").isEmpty())
                    .filter(index -> subject.context()
                            .filter(context -> context.settings().maintenanceMemory() <= SMALL_MEMORY)
                            .isPresent())
                    .map(index -> Hit.of("the index on " + subject.name(index.table()) + " is sorted with "
                                    + (subject.context()
                                                    .orElseThrow()
                                                    .settings()
                                                    .maintenanceMemory()
                                            >> 20) + " MB")
                            .on(index.table())));

    static final List<Rule> ALL = List.of(
            STANDBY_LAGS,
            SYNCHRONOUS_STANDBY,
            STANDBY_CANCELS,
            IDLE_SLOT,
            BASE_BACKUP,
            SETTING_BEHIND_POOLER,
            ON_STANDBY,
            TOO_MANY_LOCKS,
            STATISTICS_MISSING,
            DEFAULT_PARTITION_GROWS,
            INDEX_MEMORY);

    private ServerRules() {}

    private static WrittenName written(QualifiedName name) {
        return new WrittenName(name.schema(), name.name());
    }

    private static Optional<TableStats> stats(Subject subject, QualifiedName table) {
        return subject.situation().target().map(target -> target.stats().get(table));
    }

    /** The large table that the statement writes again or builds an index of, if it does. */
    private static Stream<WrittenName> writesMuch(Subject subject) {
        boolean builds = subject.is("IndexStmt") || subject.is("ReindexStmt");
        return SituationRules.locks(subject)
                .filter(lock -> lock.rewrites() == Likelihood.YES || builds)
                .map(lock -> written(lock.relation()))
                .filter(table -> subject.exposure(table).rows() >= MUCH)
                .limit(1);
    }

    private static Stream<Standby> standbys(Subject subject) {
        return subject.context().stream().flatMap(context -> context.standbys().stream());
    }

    private static boolean isBehind(Standby standby) {
        Duration lag = standby.lag();
        return (lag != null && lag.compareTo(BEHIND) > 0) || standby.lagBytes() > BEHIND_BYTES;
    }

    private static String behind(Standby standby) {
        Duration lag = standby.lag();
        return lag == null ? (standby.lagBytes() >> 20) + " MB" : Texts.duration(lag);
    }

    private static String kept(Slot slot) {
        return slot.keptBytes() < 0 ? "" : "; it keeps " + (slot.keptBytes() >> 20) + " MB already";
    }

    private static boolean belongsToSession(Subject subject) {
        return switch (subject.statement().kind()) {
            case "VariableSetStmt" ->
                !subject.statement().node().path("is_local").asBoolean();
            case "ListenStmt", "PrepareStmt" -> true;
            case "SelectStmt" ->
                Expressions.functions(subject.statement().node()).stream().anyMatch(SESSION_LOCKS::contains);
            default -> false;
        };
    }
}
