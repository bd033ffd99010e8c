package dev.fermata.execution.step;

import dev.fermata.contracts.Failure;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.Speed;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Between steps, and between batches, never inside a transaction: stands still while an operator or a brake says so, and
 * goes slower when an operator says so.
 */
final class Gate {
    private static final Duration ASK_EVERY = Duration.ofMillis(500);
    private static final Duration TELL_EVERY = Duration.ofSeconds(5);

    private final Connection control;
    private final Scope scope;
    private final StepListener listener;
    private final Duration longest;
    private long asked;
    private Speed speed = Speed.FULL;

    /** @param longest time that brakes may hold it in a row; an operator may hold it for as long as it takes */
    Gate(Connection control, Scope scope, StepListener listener, Duration longest) {
        this.control = control;
        this.scope = scope;
        this.listener = listener;
        this.longest = longest;
        this.asked = System.nanoTime();
    }

    /** Where it stands while it waits. */
    interface Standing {
        void hold(String why);
    }

    /** As {@link #pass}, unless that was asked a moment ago. */
    boolean passNowAndThen(Action action, Brake brake, Standing standing)
            throws SQLException, StepFailedException, InterruptedException {
        return System.nanoTime() - asked >= ASK_EVERY.toNanos() && pass(action, brake, standing);
    }

    /**
     * Returns when it may go on.
     *
     * @param brake null where only an operator is asked
     * @return whether it stood still
     * @throws StepFailedException when a brake has held for too long
     */
    boolean pass(Action action, @Nullable Brake brake, Standing standing)
            throws SQLException, StepFailedException, InterruptedException {
        long begin = System.nanoTime();
        long told = 0;
        String toldWhy = "";
        boolean stood = false;
        while (true) {
            speed = action.mayBeHeld() ? Speed.read(control, scope) : Speed.FULL;
            asked = System.nanoTime();
            List<String> reasons =
                    speed.isPaused() ? List.of(speed.reason()) : brake == null ? List.of() : brake.reasons();
            if (reasons.isEmpty()) {
                return stood;
            }
            if (speed.isPaused()) {
                begin = asked;
            } else if (asked - begin > longest.toNanos()) {
                throw new StepFailedException(action.step(), action.direction(), held(action, reasons));
            }
            String why = String.join("; ", reasons);
            boolean forAnotherReason = speed.isPaused() && !why.equals(toldWhy);
            if (told == 0 || forAnotherReason || asked - told > TELL_EVERY.toNanos()) {
                told = asked;
                toldWhy = why;
                standing.hold(why);
            }
            stood = true;
            TimeUnit.NANOSECONDS.sleep(ASK_EVERY.toNanos());
            listener.checkPoint();
        }
    }

    private Failure held(Action action, List<String> reasons) {
        return Failure.retryable(
                "held-too-long",
                action.name() + " stood still for " + longest.toMinutes() + " min: " + String.join("; ", reasons));
    }

    /** Pauses after work that took so long, when less than full speed was ordered. */
    void slowDown(Duration worked) throws InterruptedException {
        if (speed.percent() < 100) {
            long pause = worked.toNanos() * (100 - speed.percent()) / speed.percent();
            TimeUnit.NANOSECONDS.sleep(Math.min(pause, TELL_EVERY.toNanos()));
        }
    }
}
