package dev.fermata.benchmarks;

import dev.fermata.analysis.TargetReader;
import dev.fermata.analysis.estimate.Calibration;
import dev.fermata.analysis.estimate.Calibration.Factor;
import dev.fermata.analysis.estimate.Operation;
import dev.fermata.analysis.policy.Policy;
import dev.fermata.analysis.report.Change;
import dev.fermata.analysis.report.Evidence;
import dev.fermata.analysis.report.ImpactAnalysis;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.contracts.impact.Estimate;
import dev.fermata.postgres.parser.SqlParser;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How well durations are predicted: kinds of change on a table of a million rows teach the model this machine, as one
 * order would; then each is predicted, and measured, on one of five million.
 */
public final class EstimateBenchmark {
    private static final int SMALL = 1_000_000;
    private static final int LARGE = 5_000_000;
    private static final double WITHIN = 2;

    /** Indexes that are only there to be timed are dropped, so that the rewrites after them have few to build. */
    private static final List<String> CHANGES = List.of(
            "ALTER TABLE %1$s ALTER COLUMN number SET NOT NULL",
            "ALTER TABLE %1$s ADD CONSTRAINT positive CHECK (number >= 0)",
            "ALTER TABLE %1$s ADD CONSTRAINT to_customer FOREIGN KEY (customer) REFERENCES customers",
            "!ALTER TABLE %1$s ADD CONSTRAINT again FOREIGN KEY (customer) REFERENCES customers NOT VALID",
            "ALTER TABLE %1$s VALIDATE CONSTRAINT again",
            "CREATE INDEX %1$s_number ON %1$s (number)",
            "!DROP INDEX %1$s_number",
            "CREATE INDEX %1$s_note ON %1$s (note)",
            "!DROP INDEX %1$s_note",
            "CREATE INDEX CONCURRENTLY %1$s_number ON %1$s (number)",
            "!DROP INDEX %1$s_number",
            "ALTER TABLE %1$s ADD CONSTRAINT %1$s_one UNIQUE (code)",
            "ALTER TABLE %1$s ALTER COLUMN number TYPE bigint",
            "ALTER TABLE %1$s ADD COLUMN token uuid DEFAULT gen_random_uuid()",
            "ALTER TABLE %1$s ADD COLUMN flag int DEFAULT 7",
            "UPDATE %1$s SET number = number + 1",
            "DELETE FROM %1$s WHERE id %% 2 = 0");

    private final SqlParser parser;
    private final Connection connection;
    private final TargetReader reader = new TargetReader();
    private final Map<Operation, Factor> factors = new EnumMap<>(Operation.class);

    private EstimateBenchmark(SqlParser parser, Connection connection) {
        this.parser = parser;
        this.connection = connection;
    }

    /** Exit code 1 where a prediction is off by more than a factor of two. */
    public static void main(String[] args) throws Exception {
        boolean well;
        try (Databases databases = new Databases();
                SqlParser parser = new SqlParser(1);
                Connection connection = databases.create("estimates")) {
            well = new EstimateBenchmark(parser, connection).run();
        }
        if (!well) {
            System.exit(1);
        }
    }

    private boolean run() throws SQLException {
        Databases.execute(connection, "CREATE TABLE customers (id int PRIMARY KEY)");
        Databases.execute(connection, "INSERT INTO customers SELECT generate_series(0, 99999)");
        fill("small", SMALL);
        for (String change : CHANGES) {
            teach(change.formatted("small"));
        }
        fill("large", LARGE);
        boolean well = true;
        System.out.printf(
                "%9s %9s %9s %7s  change of a table of %,d rows%n", "untaught", "predicted", "actual", "ratio", LARGE);
        for (String change : CHANGES) {
            well &= compare(change.formatted("large"));
        }
        return well;
    }

    private void fill(String table, int rows) throws SQLException {
        Databases.execute(
                connection,
                "CREATE TABLE " + table + " (id bigint PRIMARY KEY, customer int, number int, code bigint, note text)");
        Databases.execute(
                connection,
                "INSERT INTO " + table + " SELECT i, i % 100000, hashint8(i) & 1073741823, i * 7,"
                        + " md5(i::text) || md5((i + 1)::text) FROM generate_series(1, " + rows + ") i");
        Databases.execute(connection, "VACUUM ANALYZE " + table);
        Databases.execute(connection, "CHECKPOINT");
    }

    private Estimate estimate(String sql, Calibration calibration) throws SQLException {
        TargetReader.Reading reading = reader.read("benchmark", connection);
        Map<Integer, Long> rows =
                sql.startsWith("DELETE") ? Map.of(0, (long) (sql.contains("small") ? SMALL : LARGE) / 2) : Map.of();
        return Objects.requireNonNull(ImpactAnalysis.report(
                        Change.of("benchmark", sql, parser),
                        reading.serverVersion(),
                        "benchmark",
                        Situation.textOnly(LocalDate.EPOCH)
                                .with(reading.majorVersion())
                                .with(reading.target()),
                        Policy.none(RuleBook.standard()),
                        new Evidence(calibration, rows, List.of()),
                        Instant.EPOCH)
                .statements()
                .getFirst()
                .estimate());
    }

    private double time(String sql) throws SQLException {
        long start = System.nanoTime();
        Databases.execute(connection, sql);
        return (System.nanoTime() - start) / 1e9;
    }

    private void teach(String sql) throws SQLException {
        if (sql.startsWith("!")) {
            Databases.execute(connection, sql.substring(1));
            return;
        }
        Estimate estimate = estimate(sql, Calibration.NONE);
        double took = time(sql);
        Operation operation = Operation.byId(estimate.operation()).orElseThrow();
        if (operation != Operation.CATALOG) {
            factors.merge(
                    operation,
                    new Factor(1, 0).with(took / seconds(estimate)),
                    (old, none) -> old.with(took / seconds(estimate)));
        }
    }

    private boolean compare(String sql) throws SQLException {
        if (sql.startsWith("!")) {
            Databases.execute(connection, sql.substring(1));
            return true;
        }
        double untaught = seconds(estimate(sql, Calibration.NONE));
        double predicted = seconds(estimate(sql, new Calibration(factors)));
        double took = time(sql);
        double ratio = predicted / took;
        // Below a tenth of a second it is "a moment", predicted and true.
        boolean well = (ratio <= WITHIN && ratio >= 1 / WITHIN) || (predicted < 0.1 && took < 0.1);
        System.out.printf(
                "%8.2fs %8.2fs %8.2fs %7.2f  %s%s%n", untaught, predicted, took, ratio, sql, well ? "" : "   <-- off");
        return well;
    }

    private static double seconds(Estimate estimate) {
        return estimate.likely().toMillis() / 1000.0;
    }
}
