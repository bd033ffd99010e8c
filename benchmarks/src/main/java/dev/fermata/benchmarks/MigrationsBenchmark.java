package dev.fermata.benchmarks;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.step.StepListener;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * The classic migrations on a large table under load, with a long reader and a session idle in its transaction in the way:
 * as most people write them, as an expert would, and by Fermata, there and back.
 *
 * <p>{@code -Drows=3000000} and {@code -Dmigrations=part of a name} choose less.
 */
public final class MigrationsBenchmark {
    private static final Duration LOCK_BUDGET = Duration.ofMillis(200);
    private static final double IN_THE_WAY_SECONDS = 8;
    private static final int RANGE = 10_000;
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/benchmark");

    private final Databases databases;
    private final SqlParser parser;
    private final int rows;

    private MigrationsBenchmark(Databases databases, SqlParser parser, int rows) {
        this.databases = databases;
        this.parser = parser;
        this.rows = rows;
    }

    /** Exit code 1 where a stall was longer than 1.2 times the lock budget, something was lost, or it did not end right. */
    public static void main(String[] args) throws Exception {
        boolean well = true;
        String wanted = System.getProperty("migrations", "");
        try (Databases databases = new Databases();
                SqlParser parser = new SqlParser(1)) {
            MigrationsBenchmark benchmark =
                    new MigrationsBenchmark(databases, parser, Integer.getInteger("rows", 3_000_000));
            benchmark.fill();
            System.out.printf(
                    Locale.ROOT,
                    "%-30s %22s %22s %30s %22s  ratio%n",
                    benchmark.rows + " rows, seconds/longest ms",
                    "psql",
                    "expert",
                    "fermata (p99 ms)",
                    "back");
            for (Migration migration : Migration.ALL) {
                if (migration.name().contains(wanted)) {
                    well &= benchmark.row(migration);
                }
            }
        }
        if (!well) {
            System.exit(1);
        }
    }

    private void fill() throws SQLException {
        try (Connection connection = databases.create("source")) {
            Databases.execute(connection, "CREATE TABLE customers (id int PRIMARY KEY)");
            Databases.execute(connection, "INSERT INTO customers SELECT generate_series(0, 99999)");
            Databases.execute(
                    connection,
                    "CREATE TABLE orders (id serial PRIMARY KEY, customer_id int NOT NULL, status varchar(20), amount"
                            + " numeric NOT NULL, note text, code bigint, legacy text, created_at timestamptz NOT NULL"
                            + " DEFAULT now())");
            Databases.execute(
                    connection,
                    "INSERT INTO orders (customer_id, status, amount, note, code, legacy) SELECT n % 100000, 'open', n"
                            + " % 1000, 'note ' || n, n, 'old' FROM generate_series(1, " + rows + ") AS n");
            Databases.execute(connection, "VACUUM ANALYZE");
        }
    }

    /** What came of one way. */
    private record Cell(double seconds, double longest, double p99, String trouble) {
        String text() {
            return String.format(Locale.ROOT, "%.1f/%.0f%s", seconds, longest, trouble.isEmpty() ? "" : " " + trouble);
        }
    }

    private boolean row(Migration migration) throws Exception {
        Cell psql = cell(migration, this::asWritten);
        Cell expert = cell(migration, this::byExpert);
        List<Cell> fermata = byFermata(migration);
        Cell forth = fermata.get(0);
        Cell back = fermata.get(1);
        System.out.printf(
                Locale.ROOT,
                "%-30s %22s %22s %30s %22s  %.2f%n",
                migration.name(),
                psql.text(),
                expert.text(),
                forth.text() + String.format(Locale.ROOT, " (%.1f)", forth.p99()),
                back.text(),
                forth.seconds() / Math.max(0.01, expert.seconds()));
        double most = 1.2 * LOCK_BUDGET.toMillis();
        return forth.longest() <= most
                && back.longest() <= most
                && forth.trouble().isEmpty()
                && back.trouble().isEmpty();
    }

    /** One way to do a migration. */
    private interface Way {
        void go(Migration migration, Connection connection) throws Exception;
    }

    private Cell cell(Migration migration, Way way) throws Exception {
        String database = databases.copy("source");
        ApplicationLoad load = new ApplicationLoad(() -> databases.connect(database), rows).start();
        try (Connection connection = databases.connect(database)) {
            return measured(database, load, () -> way.go(migration, connection));
        } finally {
            load.stop();
            databases.drop(database);
        }
    }

    /** Something that takes its time. */
    private interface Work {
        void run() throws Exception;
    }

    private Cell measured(String database, ApplicationLoad load, Work work) throws Exception {
        InTheWay inTheWay = new InTheWay(() -> databases.connect(database), IN_THE_WAY_SECONDS);
        load.measureFromNow();
        long begin = System.nanoTime();
        String trouble = "";
        try {
            work.run();
        } catch (SQLException e) {
            trouble = "FAILED " + e.getSQLState();
        } catch (StepFailedException e) {
            trouble = "FAILED " + e.failure().message();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        load.finishWhatIsUnderWay();
        Cell cell = new Cell(seconds, load.longestMillis(), load.p99Millis(), trouble);
        inTheWay.awaitGone();
        return cell;
    }

    private void asWritten(Migration migration, Connection connection) throws SQLException {
        Databases.execute(connection, migration.sql());
    }

    private void byExpert(Migration migration, Connection connection) throws SQLException, InterruptedException {
        for (String sql : migration.expert()) {
            // CONCURRENTLY waits for old transactions, and what a timeout cuts off is left INVALID
            Databases.execute(
                    connection, "SET lock_timeout = " + (sql.contains("CONCURRENTLY") ? 0 : LOCK_BUDGET.toMillis()));
            if (sql.contains(":from")) {
                int last = rows + 100_000;
                for (int from = 0; from < last; from += RANGE) {
                    retried(connection, sql.replace(":from", "" + from).replace(":to", "" + (from + RANGE)));
                }
            } else {
                retried(connection, sql);
            }
        }
    }

    private static void retried(Connection connection, String sql) throws SQLException, InterruptedException {
        SplittableRandom random = new SplittableRandom(1);
        while (true) {
            try {
                Databases.execute(connection, sql);
                return;
            } catch (SQLException e) {
                if (!"55P03".equals(e.getSQLState()) && !"40P01".equals(e.getSQLState())) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(100 + random.nextInt(200));
            }
        }
    }

    private List<Cell> byFermata(Migration migration) throws Exception {
        String database = databases.copy("source");
        TargetDatabase target = databases.target(database);
        WorkOrder order = order(migration);
        Plan plan =
                new Drafting(new Planner(parser)).draft(target, RUN, 1, order).plan();
        CatalogSnapshot before = catalog(target);
        ApplicationLoad load = new ApplicationLoad(() -> databases.connect(database), rows).start();
        try {
            List<Cell> cells = new ArrayList<>();
            for (boolean forward : new boolean[] {true, false}) {
                cells.add(measured(database, load, () -> run(target, plan, forward)));
            }
            load.stop();
            List<String> trouble = new ArrayList<>(load.errors());
            if (load.missing() > 0) {
                trouble.add(load.missing() + " of " + load.added() + " rows of the load are missing");
            }
            trouble.addAll(Columns.inAnyOrder(CatalogDiff.between(before, catalog(target))));
            Cell back = cells.get(1);
            cells.set(
                    1,
                    new Cell(
                            back.seconds(),
                            back.longest(),
                            back.p99(),
                            (back.trouble() + " " + String.join(", ", trouble)).strip()));
            return cells;
        } finally {
            load.stop();
            databases.drop(database);
        }
    }

    private static CatalogSnapshot catalog(TargetDatabase target) throws SQLException {
        try (Connection connection = target.open(Session.reader("benchmark"))) {
            return CatalogSnapshot.read(connection);
        }
    }

    private static WorkOrder order(Migration migration) {
        return WorkOrder.of("benchmark", "ada", List.of("benchmark"), migration.sql(), null)
                .with(migration.renames())
                .with(new WorkOrder.Lock(LOCK_BUDGET, 300));
    }

    private static StepListener listener(Plan plan) {
        return Boolean.getBoolean("steps") ? new StepTimes(plan) : new Unheard();
    }

    private static void run(TargetDatabase target, Plan plan, boolean forward) throws Exception {
        try (TargetSession session = TargetSession.takeOver(
                        target, new Scope(RUN, 1, 1, plan.digest()), Duration.ofSeconds(5), () -> {});
                Connection observer = target.open(Session.reader("observer"))) {
            PlanRunner runner = new PlanRunner(plan, session, observer, listener(plan), new SplittableRandom(1));
            if (forward) {
                runner.forward();
            } else {
                runner.back();
            }
        }
    }
}
