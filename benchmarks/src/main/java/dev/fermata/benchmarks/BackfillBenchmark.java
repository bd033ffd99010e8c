package dev.fermata.benchmarks;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;

/**
 * An UPDATE of every row: in our batches, which find their own size and are recorded, watched and braked; as the planner has
 * it, which also keeps what is overwritten; the way back from that; and in batches of fixed sizes by a bare loop, the best of
 * which is the reference.
 */
public final class BackfillBenchmark {
    private static final int ROWS = 400_000;
    private static final int ROUNDS = 3;
    private static final int[] FIXED = {1_000, 5_000, 20_000, 50_000};
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/backfill");

    private BackfillBenchmark() {}

    /** Prints a line for each way, and our share of the best. */
    public static void main(String[] args) throws Exception {
        try (Databases databases = new Databases();
                SqlParser parser = new SqlParser(1);
                Connection connection = databases.create("backfill")) {
            TargetDatabase target = databases.target("backfill");
            fixed(connection, FIXED[0]); // warms up the caches
            double[] fixed = new double[FIXED.length];
            double ours = 0;
            double keeping = 0;
            double back = 0;
            for (int round = 0; round < ROUNDS; round++) { // in turns, as the machine is not the same all the time
                for (int i = 0; i < FIXED.length; i++) {
                    fixed[i] = Math.max(fixed[i], ROWS / fixed(connection, FIXED[i]));
                }
                fill(connection);
                ours = Math.max(ours, ROWS / seconds(target, plan(), Direction.FORWARD));
                fill(connection);
                Plan kept = kept(target, parser);
                keeping = Math.max(keeping, ROWS / seconds(target, kept, Direction.FORWARD));
                back = Math.max(back, ROWS / seconds(target, kept, Direction.BACK));
            }
            for (int i = 0; i < FIXED.length; i++) {
                System.out.printf(Locale.ROOT, "fixed batches of %,7d rows %,12.0f rows/s%n", FIXED[i], fixed[i]);
            }
            System.out.printf(Locale.ROOT, "ours, from 5,000 rows         %,12.0f rows/s%n", ours);
            System.out.printf(Locale.ROOT, "ours, keeping what was there  %,12.0f rows/s%n", keeping);
            System.out.printf(Locale.ROOT, "the way back from that        %,12.0f rows/s%n", back);
            double best = DoubleStream.of(fixed).max().orElseThrow();
            System.out.printf(
                    Locale.ROOT,
                    "ratio: %.0f %% of the best fixed size; %.2f times its time when keeping%n",
                    100 * ours / best,
                    best / keeping);
        }
    }

    private static void fill(Connection connection) throws SQLException {
        Databases.execute(
                connection,
                "DROP TABLE IF EXISTS items; DROP SCHEMA IF EXISTS fermata, fermata_attic CASCADE; CREATE TABLE items"
                    + " (id int PRIMARY KEY, amount int, note text); INSERT INTO items SELECT n, 0, md5(n::text) FROM"
                    + " generate_series(1, "
                        + ROWS + ") AS n");
        Databases.execute(connection, "VACUUM ANALYZE items");
        Databases.execute(connection, "CHECKPOINT");
    }

    private static double fixed(Connection connection, int size) throws SQLException {
        fill(connection);
        long begin = System.nanoTime();
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE items SET amount = amount + 1 WHERE id > ? AND id <= ?")) {
            for (int from = 0; from < ROWS; from += size) {
                update.setInt(1, from);
                update.setInt(2, from + size);
                update.executeUpdate();
            }
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    private static double seconds(TargetDatabase target, Plan plan, Direction direction) throws Exception {
        try (TargetSession session = TargetSession.takeOver(
                        target, new Scope(RUN, 1, 1, plan.digest()), Duration.ofSeconds(5), () -> {});
                Connection control = target.open(Session.reader("benchmark"))) {
            PlanRunner runner = new PlanRunner(plan, session, control, new Unheard(), new SplittableRandom(1));
            long begin = System.nanoTime();
            if (direction == Direction.FORWARD) {
                runner.forward();
            } else {
                runner.back();
            }
            return (System.nanoTime() - begin) / 1e9;
        }
    }

    /** As the planner has it. */
    private static Plan kept(TargetDatabase target, SqlParser parser) throws Exception {
        WorkOrder order =
                WorkOrder.of("backfill", "ada", List.of("backfill"), "UPDATE items SET amount = amount + 1", null);
        return new Drafting(new Planner(parser)).draft(target, RUN, 1, order).plan();
    }

    private static Plan plan() {
        Batching batching = new Batching(
                "public.items",
                "items",
                List.of(new Batching.KeyColumn("id", "integer")),
                5_000,
                null,
                List.of("amount"));
        Step step = new Step(
                1,
                Phase.MIGRATE,
                StepKind.BATCHES,
                List.of("UPDATE public.items SET amount = amount + 1 WHERE " + Batching.RANGE),
                List.of(),
                true,
                "a benchmark",
                0,
                Inverse.nothing(),
                List.of(),
                batching);
        return new Plan(
                RUN,
                1,
                new Plan.DatabaseIdentity("1", "backfill"),
                WorkOrder.Strategy.ONLINE,
                List.of(step),
                new Plan.Rollback(Plan.Source.GENERATED, List.of()),
                new Plan.Settings(Duration.ofSeconds(1), 30, Duration.ZERO),
                "sha256:0",
                List.of(),
                List.of());
    }
}
