package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.RehearsalReport.StepTiming;
import dev.fermata.execution.step.StepListener;
import dev.fermata.execution.step.StepResult;
import java.util.ArrayList;
import java.util.List;

/** Collects what each step takes. */
final class Timings {
    private final List<StepTiming> timings = new ArrayList<>();

    List<StepTiming> timings() {
        return timings;
    }

    StepListener listener(Runnable checkPoint) {
        return new QuietListener(checkPoint) {
            @Override
            public void completed(int step, Direction direction, StepResult result) {
                timings.add(new StepTiming(step, result.elapsed(), result.rows(), null));
            }
        };
    }
}
