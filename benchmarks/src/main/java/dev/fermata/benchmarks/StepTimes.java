package dev.fermata.benchmarks;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.step.StepResult;
import java.util.Locale;

/** Prints how long each step took, for those who want to know where the time of a migration goes. */
final class StepTimes extends Unheard {
    private final Plan plan;

    StepTimes(Plan plan) {
        this.plan = plan;
    }

    @Override
    public void completed(int step, Direction direction, StepResult result) {
        System.out.printf(
                Locale.ROOT,
                "  %-8s %2d %-14s %7.2f s, %6.2f of them waiting, %d attempts, %d rows%n",
                direction,
                step,
                plan.steps().get(step - 1).kind(),
                result.elapsed().toMillis() / 1e3,
                result.lockWait().toMillis() / 1e3,
                result.attempts(),
                result.rows());
    }
}
