package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Remembers how far it was said to be, and why nothing was done. */
final class Told extends Heard {
    final List<String> held = new CopyOnWriteArrayList<>();
    final List<StepResult> results = new CopyOnWriteArrayList<>();
    volatile long done;
    private volatile @Nullable Runnable whenBegun;

    /** As soon as something is done, before anything else is. */
    void whenBegun(Runnable once) {
        whenBegun = once;
    }

    @Override
    public void progressed(int step, Direction direction, Progress progress) {
        done = progress.done();
        Runnable once = whenBegun;
        if (done > 0 && once != null) {
            whenBegun = null;
            once.run();
        }
        @Nullable String why = progress.held();
        if (why != null) {
            held.add(why);
        }
    }

    @Override
    public void completed(int step, Direction direction, StepResult result) {
        results.add(result);
    }

    /** Until it was said to stand still because of that. */
    void awaitHeld(String because) {
        Awaitility.await("held because of " + because).untilAsserted(() -> assertThat(held)
                .anySatisfy(why -> assertThat(why).contains(because)));
    }
}
