package dev.fermata.analysis;

import dev.fermata.analysis.estimate.Calibration;
import dev.fermata.analysis.estimate.Calibration.Factor;
import dev.fermata.analysis.estimate.Operation;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.Estimate;
import dev.fermata.contracts.impact.StatementImpact;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.PlanPrepared;
import dev.fermata.contracts.message.ExecutionMessage.StepCompleted;
import dev.fermata.contracts.message.ImpactMessage.ImpactReported;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.runtime.bus.UnitOfWork;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What estimates learn from what statements took. All of it comes by message: the report has the estimate, the plan says
 * which step a statement became, the step's end has the time.
 */
final class Lessons {
    /** A step that ends so soon took its time for other things than the work that was estimated. */
    private static final double TOO_SHORT = 0.02;

    private static final String OPEN = """
        SELECT t.step, p.operation, p.model_seconds, p.seconds, s.is_concurrent, t.seconds AS took
        FROM step_time t JOIN planned_step s USING (run_id, revision, step)
          JOIN prediction p USING (run_id, revision, statement)
        WHERE t.run_id = ? AND t.revision = ?
          AND NOT EXISTS (SELECT FROM lesson l
                          WHERE l.run_id = t.run_id AND l.revision = t.revision AND l.step = t.step)
        ORDER BY t.step
        """;

    private Lessons() {}

    /** What is known of the target by now. */
    static Calibration of(Connection connection, String target) throws SQLException {
        Map<Operation, Factor> factors = new EnumMap<>(Operation.class);
        try (PreparedStatement select =
                connection.prepareStatement("SELECT operation, factor, samples FROM calibration WHERE target = ?")) {
            select.setString(1, target);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    Factor factor = new Factor(rows.getDouble("factor"), rows.getInt("samples"));
                    Operation.byId(rows.getString("operation")).ifPresent(one -> factors.put(one, factor));
                }
            }
        }
        return new Calibration(factors);
    }

    static void reported(ImpactReported reported, UnitOfWork work) throws SQLException {
        forget(work);
        for (StatementImpact statement : reported.report().statements()) {
            Estimate estimate = statement.estimate();
            if (estimate != null) {
                update(
                        work,
                        "INSERT INTO prediction VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                        reported.runId().toString(),
                        reported.revision(),
                        statement.index(),
                        estimate.operation(),
                        seconds(estimate.likely()) / estimate.factor(),
                        seconds(estimate.likely()));
            }
        }
        learn(reported.runId(), reported.revision(), work);
    }

    /** Only a statement that became one step, in one piece, teaches anything. */
    static void planned(PlanPrepared prepared, UnitOfWork work) throws SQLException {
        List<Step> steps = prepared.plan().steps();
        for (Step step : steps) {
            boolean alone =
                    steps.stream().filter(one -> one.origin() == step.origin()).count() == 1;
            if (alone && step.sql().size() == 1 && step.kind() != StepKind.BATCHES) {
                update(
                        work,
                        "INSERT INTO planned_step VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                        prepared.runId().toString(),
                        prepared.revision(),
                        step.no(),
                        step.origin(),
                        step.sql().getFirst().contains("CONCURRENTLY"));
            }
        }
        learn(prepared.runId(), prepared.revision(), work);
    }

    /** What was tried several times, or found done after a crash, has no time of its own. */
    static void completed(StepCompleted completed, UnitOfWork work) throws SQLException {
        if (completed.direction() != Direction.FORWARD || completed.recovered() || completed.attempts() > 1) {
            return;
        }
        update(
                work,
                "INSERT INTO step_time VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                completed.runId().toString(),
                completed.revision(),
                completed.step(),
                seconds(completed.elapsed().minus(completed.lockWait())),
                Timestamp.from(work.now()));
        learn(completed.runId(), completed.revision(), work);
    }

    private static void learn(RunId run, int revision, UnitOfWork work) throws SQLException {
        try (PreparedStatement select = work.connection().prepareStatement(OPEN)) {
            select.setString(1, run.toString());
            select.setInt(2, revision);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    learn(run, revision, rows, work);
                }
            }
        }
    }

    private static void learn(RunId run, int revision, ResultSet row, UnitOfWork work) throws SQLException {
        Operation predicted = Operation.byId(row.getString("operation")).orElse(Operation.CATALOG);
        Operation operation = row.getBoolean("is_concurrent") ? predicted.concurrently() : predicted;
        double took = row.getDouble("took");
        update(
                work,
                "INSERT INTO lesson VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                run.target(),
                run.toString(),
                revision,
                row.getInt("step"),
                operation.id(),
                row.getDouble("seconds"),
                took,
                Timestamp.from(work.now()));
        if (took < TOO_SHORT || operation == Operation.CATALOG) {
            return;
        }
        double model = row.getDouble("model_seconds") * operation.times(predicted);
        Factor now = of(work.connection(), run.target())
                .factors()
                .getOrDefault(operation, new Factor(1, 0))
                .with(took / model);
        update(
                work,
                "INSERT INTO calibration VALUES (?, ?, ?, ?) ON CONFLICT (target, operation)"
                        + " DO UPDATE SET factor = excluded.factor, samples = excluded.samples",
                run.target(),
                operation.id(),
                now.factor(),
                now.samples());
    }

    /** Orders end, and what was waiting for their steps is of no use any more. */
    private static void forget(UnitOfWork work) throws SQLException {
        Timestamp old = Timestamp.from(work.now().minus(Duration.ofDays(90)));
        update(work, "DELETE FROM prediction p USING lesson l WHERE l.run_id = p.run_id AND l.at < ?", old);
        update(work, "DELETE FROM planned_step p USING lesson l WHERE l.run_id = p.run_id AND l.at < ?", old);
        update(work, "DELETE FROM step_time WHERE at < ?", old);
        update(work, "DELETE FROM lesson WHERE at < ?", old);
    }

    private static void update(UnitOfWork work, String sql, Object... values) throws SQLException {
        try (PreparedStatement update = work.connection().prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                update.setObject(i + 1, values[i]);
            }
            update.executeUpdate();
        }
    }

    private static double seconds(Duration duration) {
        return Math.max(0.001, duration.toMillis() / 1000.0);
    }
}
