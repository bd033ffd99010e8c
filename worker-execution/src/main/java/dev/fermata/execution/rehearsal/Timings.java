package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.RehearsalReport.StepTiming;
import dev.fermata.contracts.plan.StepFacts;
import dev.fermata.execution.step.StepListener;
import dev.fermata.execution.step.StepResult;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what each step takes. */
final class Timings {
    private final List<StepTiming> timings = new ArrayList<>();
    private final List<String> failedWrites = new ArrayList<>();

    List<StepTiming> timings() {
        return timings;
    }

    /** What an application could not write between two steps; empty where it could write all. */
    List<String> failedWrites() {
        return failedWrites;
    }

    StepListener listener(Runnable checkPoint, StepMeter meter, TriedWrites writes) {
        return new QuietListener(checkPoint) {
            @Override
            public void started(int step, Direction direction, int attempt, String what) {
                measured(() -> {
                    meter.begin();
                    return null;
                });
            }

            @Override
            public void committing(int step, Direction direction, Connection connection) throws SQLException {
                meter.committing(connection);
            }

            @Override
            public void completed(int step, Direction direction, StepResult result) {
                timings.add(new StepTiming(step, result.elapsed(), result.rows(), measured(meter::end)));
                measured(() -> {
                    writes.failures().forEach(failure -> failedWrites.add("after step " + step + ", " + failure));
                    return null;
                });
            }
        };
    }

    /** Something to measure. */
    @FunctionalInterface
    private interface Measuring {
        @Nullable
        StepFacts run() throws SQLException, InterruptedException;
    }

    private static @Nullable StepFacts measured(Measuring measuring) {
        try {
            return measuring.run();
        } catch (SQLException e) {
            throw TargetException.of("measuring a step on the clone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
