package dev.fermata.execution.step;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what it was told. */
class Heard implements StepListener {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final List<Blocker> blockers = new CopyOnWriteArrayList<>();
    final List<Duration> pauses = new CopyOnWriteArrayList<>();

    @Override
    public void started(int step, Direction direction, int attempt, String what) {
        lines.add("started " + step + " " + direction.wire());
    }

    @Override
    public void progressed(int step, Direction direction, long done, long total) {
        lines.add("progressed " + step);
    }

    @Override
    public void blocked(int step, Direction direction, int attempt, int attempts, Duration retryIn, List<Blocker> who) {
        lines.add("blocked " + step);
        pauses.add(retryIn);
        blockers.addAll(who);
    }

    @Override
    public void completed(int step, Direction direction, StepResult result) {
        lines.add("completed " + step + " " + direction.wire());
    }

    @Override
    public void checkPoint() {}
}
