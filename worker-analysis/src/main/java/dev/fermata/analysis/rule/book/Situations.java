package dev.fermata.analysis.rule.book;

import dev.fermata.analysis.rule.ExampleSituation;
import dev.fermata.analysis.rule.Neighbours;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.Target;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.context.OpenTransaction;
import dev.fermata.postgres.context.OpenTransaction.Purpose;
import dev.fermata.postgres.context.ServerSettings;
import dev.fermata.postgres.context.Slot;
import dev.fermata.postgres.context.Standby;
import dev.fermata.postgres.context.TargetContext;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.SchemaModel;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What the example database is like in examples that need one. */
final class Situations {
    private static final QualifiedName ORDERS = new QualifiedName("public", "orders");

    /** Nothing special: only a database at all. */
    static final ExampleSituation REST = new ExampleSituation("on the example database", situation -> situation);

    private Situations() {}

    private static ExampleSituation target(String words, UnaryOperator<Target> change) {
        return new ExampleSituation(
                words,
                situation -> situation.with(change.apply(situation.target().orElseThrow())));
    }

    private static ExampleSituation context(String words, UnaryOperator<TargetContext> change) {
        return target(words, target -> target.with(change));
    }

    /** A transaction that has been open for an hour. */
    static ExampleSituation holding(Purpose purpose, LockMode mode) {
        return context(
                "while " + purpose.words() + " has held " + mode.sql() + " on orders for an hour",
                context -> context.with(new OpenTransaction(
                        purpose == Purpose.PREPARED ? "'pay 7'" : "process 4711",
                        purpose,
                        Duration.ofHours(1),
                        true,
                        Map.of(ORDERS, mode))));
    }

    /** A transaction that holds a snapshot. */
    static ExampleSituation snapshot(Duration age) {
        return context(
                "while a transaction has been open for " + age.toSeconds() + " seconds",
                context -> context.with(new OpenTransaction("process 4711", Purpose.APPLICATION, age, true, Map.of())));
    }

    /** {@code orders} has so many rows. */
    static ExampleSituation rows(long rows) {
        return target("where orders has %,d rows".formatted(rows), target -> rows(target, rows));
    }

    private static Target rows(Target target, long rows) {
        Map<QualifiedName, TableStats> stats = new HashMap<>(target.stats());
        stats.computeIfPresent(ORDERS, (name, old) -> old.withRows(rows));
        return new Target(target.schema(), stats, target.context(), target.writesPerSecond());
    }

    private static ExampleSituation large(String words, UnaryOperator<TargetContext> change) {
        return target(words + " and orders has 2,000,000 rows", target -> rows(target, 2_000_000)
                .with(change));
    }

    static ExampleSituation standby(boolean synchronous, Duration lag) {
        return large(
                "where "
                        + (synchronous
                                ? "commits wait for a standby"
                                : "a standby is " + lag.toSeconds() + " s behind"),
                context -> context.with(new Standby("standby-1", synchronous, lag, 0)));
    }

    static ExampleSituation slot(boolean active) {
        return large(
                "where a replication slot is " + (active ? "read" : "not read"),
                context -> context.with(new Slot("to_lake", true, true, active, 5L << 30)));
    }

    static final ExampleSituation BASE_BACKUP = large("while a base backup is taken", TargetContext::withBaseBackup);

    static final ExampleSituation POOLED = context("behind a pooler", TargetContext::behindPooler);

    static final ExampleSituation STANDBY = settings(
            "on a standby",
            old -> new ServerSettings(
                    old.lockSlots(),
                    old.freezeMaxAge(),
                    old.maintenanceMemory(),
                    old.maxWalSize(),
                    old.logical(),
                    true));

    static final ExampleSituation FEW_LOCKS = settings(
            "where the table of locks has room for 4",
            old -> new ServerSettings(
                    4, old.freezeMaxAge(), old.maintenanceMemory(), old.maxWalSize(), old.logical(), false));

    private static ExampleSituation settings(String words, UnaryOperator<ServerSettings> change) {
        return context(words, context -> context.with(change.apply(context.settings())));
    }

    static final ExampleSituation AGED = context(
            "where orders is 199 million transactions old, of 200 million",
            context -> context.withFrozenAge(ORDERS, 199_000_000));

    static final ExampleSituation NEVER_ANALYZED = target("where orders was never analyzed", target -> {
        Map<QualifiedName, TableStats> stats = new HashMap<>(target.stats());
        stats.computeIfPresent(ORDERS, (name, old) -> old.withoutStatistics());
        return new Target(target.schema(), stats, target.context(), target.writesPerSecond());
    });

    static final ExampleSituation BUSY_DEFAULT = target(
            "where events_default is written to 200 times a second",
            target -> new Target(
                    target.schema(),
                    target.stats(),
                    target.context(),
                    Map.of(new QualifiedName("public", "events_default"), 200.0)));

    /** An extension calls {@code orders} its own. */
    static final ExampleSituation EXTENSION = target("where orders belongs to the extension timescaledb", target -> {
        SchemaModel schema = target.schema();
        List<Relation> relations = schema.relations().stream()
                .map(one -> one.name().equals(ORDERS) ? one.ownedBy("timescaledb") : one)
                .toList();
        return target.with(new SchemaModel(
                schema.searchPath(),
                relations,
                schema.types(),
                schema.routines(),
                schema.publications(),
                relations.stream()
                        .flatMap(one -> schema.dependants(one.name()).stream())
                        .toList(),
                schema.extensions()));
    });

    /** Before and after the example run others. */
    static ExampleSituation among(String words, Neighbours neighbours) {
        return new ExampleSituation(words, (Situation situation) -> situation.with(neighbours));
    }
}
