package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.SITUATION;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.context.OpenTransaction;
import dev.fermata.postgres.context.OpenTransaction.Purpose;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.RelationEffect;
import dev.fermata.postgres.lock.WaitsFor;
import dev.fermata.postgres.lock.WrittenName;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Who is in the way at this moment: transactions, dumps, vacuums. Only a target can tell. */
final class SituationRules {
    /** Transactions of an application that are younger are over before anybody notices. */
    private static final Duration MOMENT = Duration.ofSeconds(5);

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final String LOCKS = "explicit-locking.html#LOCKING-TABLES";

    private static final Rule OPEN_TRANSACTION = Rule.named("open-transaction-in-the-way", SITUATION)
            .severity(RiskLevel.HIGH)
            .what("An open transaction holds a lock that the statement has to wait for.")
            .why("It waits until that transaction ends, and everything that comes after it on the table waits behind"
                    + " it.")
            .safer("wait until the transaction is over, or end its session, before the change begins.")
            .fires("ALTER TABLE orders ADD COLUMN a int", Situations.holding(Purpose.IDLE, LockMode.ACCESS_SHARE))
            .fires(
                    "CREATE INDEX orders_note ON orders (note)",
                    Situations.holding(Purpose.APPLICATION, LockMode.ROW_EXCLUSIVE))
            .passes(
                    "CREATE INDEX orders_note ON orders (note)",
                    Situations.holding(Purpose.IDLE, LockMode.ACCESS_SHARE))
            .passes(
                    "ALTER TABLE customers ADD COLUMN a int",
                    Situations.holding(Purpose.IDLE, LockMode.ACCESS_EXCLUSIVE))
            .manual(LOCKS)
            .when(subject -> inTheWay(
                    subject,
                    Set.of(Purpose.APPLICATION, Purpose.IDLE, Purpose.UNKNOWN),
                    one -> one.age() == null || one.isOlderThan(MOMENT),
                    "until it ends"));

    private static final Rule PREPARED_TRANSACTION = Rule.named("prepared-transaction-in-the-way", SITUATION)
            .severity(RiskLevel.CRITICAL)
            .what("A transaction prepared for two-phase commit holds a lock that the statement has to wait for.")
            .why("It belongs to no session, survives restarts, and nothing ends it but COMMIT PREPARED or ROLLBACK"
                    + " PREPARED: the statement may wait for ever.")
            .safer("have its transaction manager end it, or COMMIT PREPARED or ROLLBACK PREPARED it.")
            .fires("ALTER TABLE orders ADD COLUMN a int", Situations.holding(Purpose.PREPARED, LockMode.ROW_EXCLUSIVE))
            .passes("ALTER TABLE orders ADD COLUMN a int", Situations.holding(Purpose.IDLE, LockMode.ROW_EXCLUSIVE))
            .manual("sql-prepare-transaction.html")
            .when(subject -> inTheWay(
                    subject, Set.of(Purpose.PREPARED), one -> true, "until somebody commits it or rolls it back"));

    private static final Rule DUMP = Rule.named("dump-in-the-way", SITUATION)
            .severity(RiskLevel.HIGH)
            .what("pg_dump is running: it holds ACCESS SHARE on every table until it ends.")
            .why("Whatever takes ACCESS EXCLUSIVE waits for the whole dump, and all readers and writers wait behind"
                    + " it.")
            .safer("start when the dump is done.")
            .fires("ALTER TABLE orders ADD COLUMN a int", Situations.holding(Purpose.DUMP, LockMode.ACCESS_SHARE))
            .passes(
                    "CREATE INDEX CONCURRENTLY orders_note ON orders (note)",
                    Situations.holding(Purpose.DUMP, LockMode.ACCESS_SHARE))
            .passes("ALTER TABLE orders ADD COLUMN a int", Situations.REST)
            .manual("app-pgdump.html")
            .when(subject -> inTheWay(subject, Set.of(Purpose.DUMP), one -> true, "until the dump is done"));

    private static final Rule MAINTENANCE = Rule.named("maintenance-in-the-way", SITUATION)
            .severity(RiskLevel.HIGH)
            .what("A VACUUM by hand or an index build is running on the table.")
            .why("It holds SHARE UPDATE EXCLUSIVE or more for as long as it takes; DDL waits for it, and everybody else"
                    + " waits behind the DDL. Unlike autovacuum it does not give way.")
            .safer("wait until it is done, or stop it.")
            .fires(
                    "ALTER TABLE orders ADD COLUMN a int",
                    Situations.holding(Purpose.VACUUM, LockMode.SHARE_UPDATE_EXCLUSIVE))
            .fires(
                    "CREATE INDEX CONCURRENTLY orders_note ON orders (note)",
                    Situations.holding(Purpose.INDEX_BUILD, LockMode.SHARE_UPDATE_EXCLUSIVE))
            .passes(
                    "ALTER TABLE orders ADD COLUMN a int",
                    Situations.holding(Purpose.AUTOVACUUM, LockMode.SHARE_UPDATE_EXCLUSIVE))
            .manual("sql-vacuum.html")
            .when(subject ->
                    inTheWay(subject, Set.of(Purpose.VACUUM, Purpose.INDEX_BUILD), one -> true, "until that is done"));

    private static final Rule WRAPAROUND_VACUUM = Rule.named("wraparound-vacuum-in-the-way", SITUATION)
            .severity(RiskLevel.HIGH)
            .what("Autovacuum is working against transaction id wraparound on the table.")
            .why("This kind does not give way to DDL that waits for its lock, and on a large table it takes hours.")
            .safer("wait until it is done; it must not be stopped for good.")
            .fires(
                    "ALTER TABLE orders ADD COLUMN a int",
                    Situations.holding(Purpose.WRAPAROUND_VACUUM, LockMode.SHARE_UPDATE_EXCLUSIVE))
            .passes(
                    "INSERT INTO orders (id, customer_id) SELECT 1000, 1",
                    Situations.holding(Purpose.WRAPAROUND_VACUUM, LockMode.SHARE_UPDATE_EXCLUSIVE))
            .manual("routine-vacuuming.html#VACUUM-FOR-WRAPAROUND")
            .when(subject -> inTheWay(subject, Set.of(Purpose.WRAPAROUND_VACUUM), one -> true, "until it is done"));

    private static final Rule WRAPAROUND_NEAR = Rule.named("wraparound-vacuum-is-near", SITUATION)
            .severity(RiskLevel.MEDIUM)
            .what("The table is about to be old enough for an autovacuum against wraparound.")
            .why("It starts at any moment, does not give way, and DDL that meets it waits for all of it.")
            .safer("VACUUM (FREEZE) the table first, at a time of one's own choice.")
            .fires("ALTER TABLE orders ADD COLUMN a int", Situations.AGED)
            .passes("ALTER TABLE customers ADD COLUMN a int", Situations.AGED)
            .manual("routine-vacuuming.html#VACUUM-FOR-WRAPAROUND")
            .when(subject -> locks(subject)
                    .filter(lock -> lock.mode().compareTo(LockMode.SHARE_UPDATE_EXCLUSIVE) >= 0)
                    .filter(lock -> {
                        var context = subject.context().orElseThrow();
                        long age = context.frozenAges().getOrDefault(lock.relation(), 0L);
                        return age > context.settings().freezeMaxAge() * 0.95;
                    })
                    .map(lock -> Hit.of(lock.relation() + " is as old as autovacuum lets it become")
                            .on(new WrittenName(
                                    lock.relation().schema(), lock.relation().name()))));

    private static final Rule OLD_SNAPSHOT = Rule.named("old-snapshot-delays-concurrent", SITUATION)
            .severity(RiskLevel.HIGH)
            .what("The CONCURRENTLY forms wait for every transaction that is older, whatever it reads.")
            .why("The index stays invalid, the lock against VACUUM and other DDL is held, and the longest"
                    + " transaction of the database decides how long.")
            .safer("wait until the old transaction is over, or end its session, before the change begins.")
            .fires("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.snapshot(Duration.ofHours(1)))
            .passes(
                    "CREATE INDEX CONCURRENTLY orders_note ON orders (note)",
                    Situations.snapshot(Duration.ofSeconds(2)))
            .passes("ALTER TABLE orders ADD COLUMN a int", Situations.snapshot(Duration.ofHours(1)))
            .manual("sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.effects()
                            .filter(effects -> effects.waitsFor().contains(WaitsFor.OLDER_SNAPSHOTS))
                            .isPresent())
                    .flatMap(one -> one.context().orElseThrow().transactions().stream())
                    .filter(one -> one.snapshot() && one.isOlderThan(MINUTE))
                    .limit(1)
                    .map(one -> Hit.of("it waits for " + one.purpose().words() + ", " + one.who()
                            + ", that has been open " + Texts.duration(one.age()))));

    static final List<Rule> ALL = List.of(
            OPEN_TRANSACTION,
            PREPARED_TRANSACTION,
            DUMP,
            MAINTENANCE,
            WRAPAROUND_VACUUM,
            WRAPAROUND_NEAR,
            OLD_SNAPSHOT);

    private SituationRules() {}

    /** What is locked for certain. */
    static Stream<RelationEffect> locks(Subject subject) {
        return subject.effects().stream()
                .flatMap(effects -> effects.relations().stream())
                .filter(effect -> effect.locked() == Likelihood.YES);
    }

    /** One hit for each transaction that some lock of the statement has to wait for. */
    private static Stream<Hit> inTheWay(
            Subject subject, Set<Purpose> purposes, Predicate<OpenTransaction> which, String until) {
        if (subject.context().isEmpty()) {
            return Stream.empty();
        }
        return subject.context().orElseThrow().transactions().stream()
                .filter(one -> purposes.contains(one.purpose()))
                .filter(which)
                .flatMap(
                        one -> locks(subject)
                                .flatMap(lock -> one
                                        .inTheWayOf(lock.relation(), lock.mode())
                                        .map(held -> hit(one, lock, held, until))
                                        .stream())
                                .limit(1));
    }

    private static Hit hit(OpenTransaction one, RelationEffect lock, LockMode held, String until) {
        Duration age = one.age();
        Hit hit = Hit.of(one.purpose().words() + ", " + one.who()
                        + (age == null ? "" : ", has been open " + Texts.duration(age) + " and") + " holds "
                        + held.sql()
                        + " on " + lock.relation() + "; " + lock.mode().sql() + " waits " + until)
                .on(new WrittenName(lock.relation().schema(), lock.relation().name()));
        // A lock whose age is hidden may be of this moment only.
        return age == null && one.purpose() == Purpose.UNKNOWN ? hit.graded(RiskLevel.MEDIUM) : hit;
    }
}
