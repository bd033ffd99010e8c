package dev.fermata.benchmarks;

import dev.fermata.analysis.TargetReader;
import dev.fermata.analysis.estimate.Calibration;
import dev.fermata.analysis.policy.Policy;
import dev.fermata.analysis.report.Change;
import dev.fermata.analysis.report.Evidence;
import dev.fermata.analysis.report.ImpactAnalysis;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.preflight.Preflight;
import dev.fermata.postgres.preflight.PreflightLimits;
import dev.fermata.postgres.preflight.PreflightReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;

/** How long a database of ten thousand tables takes to be read, and a report on it; beside one of a hundred tables. */
public final class CatalogBenchmark {
    private static final int MANY = 10_000;
    private static final int FEW = 100;
    private static final int BATCH = 250;

    private CatalogBenchmark() {}

    /** Prints two lines for each database, and their ratio. */
    public static void main(String[] args) throws Exception {
        try (Databases databases = new Databases();
                SqlParser parser = new SqlParser(1)) {
            try (Connection few = filled(databases, "few", FEW);
                    Connection many = filled(databases, "many", MANY)) {
                measure(few, FEW, parser);
                double reference = measure(few, FEW, parser);
                double large = measure(many, MANY, parser);
                System.out.printf(
                        "ratio: %d times the tables take %.1f times as long to read%n", MANY / FEW, large / reference);
            }
        }
    }

    private static Connection filled(Databases databases, String name, int tables) throws SQLException {
        Connection connection = databases.create(name);
        for (int first = 0; first < tables; first += BATCH) {
            StringBuilder sql = new StringBuilder();
            for (int i = first; i < Math.min(tables, first + BATCH); i++) {
                sql.append("CREATE TABLE t")
                        .append(i)
                        .append(" (id bigint PRIMARY KEY, parent bigint")
                        .append(i == 0 ? "" : " REFERENCES t" + (i - 1))
                        .append(", name text NOT NULL, amount numeric(10,2) CHECK (amount >= 0), made timestamptz"
                                + " DEFAULT now());")
                        .append("CREATE INDEX ON t")
                        .append(i)
                        .append(" (name);");
                if (i % 10 == 0) {
                    sql.append("CREATE VIEW v")
                            .append(i)
                            .append(" AS SELECT id, name FROM t")
                            .append(i)
                            .append(";");
                }
            }
            Databases.execute(connection, sql.toString());
        }
        Databases.execute(connection, "ANALYZE");
        return connection;
    }

    private static double measure(Connection connection, int tables, SqlParser parser) throws SQLException {
        long start = System.nanoTime();
        TargetReader.Reading reading = new TargetReader().read("benchmark", connection);
        double read = seconds(start);
        long then = System.nanoTime();
        Change change = Change.of("twenty", statements(), parser);
        var answers = PreflightReader.ask(
                connection,
                Preflight.questions(
                        change.statements(),
                        reading.majorVersion(),
                        reading.target().schema()),
                PreflightLimits.standard());
        ImpactReport report = ImpactAnalysis.report(
                change,
                reading.serverVersion(),
                "benchmark",
                Situation.textOnly(LocalDate.EPOCH).with(reading.majorVersion()).with(reading.target()),
                Policy.none(RuleBook.standard()),
                new Evidence(Calibration.NONE, Map.of(), answers),
                Instant.EPOCH);
        System.out.printf(
                "%,7d tables: read in %.2f s; report of %d statements in %.2f s more, %d findings, %d data checks%n",
                tables,
                read,
                change.statements().size(),
                seconds(then),
                report.findings().size(),
                report.dataChecks().size());
        return read;
    }

    private static String statements() {
        StringBuilder sql = new StringBuilder();
        for (int i = 1; i <= 4; i++) {
            sql.append("ALTER TABLE t")
                    .append(i)
                    .append(" ADD COLUMN more int;")
                    .append("CREATE INDEX ON t")
                    .append(i)
                    .append(" (made);")
                    .append("ALTER TABLE t")
                    .append(i)
                    .append(" ALTER COLUMN parent SET NOT NULL;")
                    .append("ALTER TABLE t")
                    .append(i)
                    .append(" ADD CONSTRAINT c CHECK (amount < 100);")
                    .append("ALTER TABLE t")
                    .append(i)
                    .append(" ALTER COLUMN name TYPE varchar(20);");
        }
        return sql.toString();
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
