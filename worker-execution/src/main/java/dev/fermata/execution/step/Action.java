package dev.fermata.execution.step;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.execution.ledger.Entry;
import dev.fermata.execution.ledger.Ledger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something to run exactly once: a step forward, its inverse, or a step of the author's rollback. It knows how the ledger
 * calls its beginning and its end.
 */
record Action(
        int step,
        Direction direction,
        StepKind kind,
        List<String> sql,
        @Nullable Batching batching,
        String what,
        boolean authors) {

    static Action forward(Step step) {
        return new Action(
                step.no(),
                Direction.FORWARD,
                step.kind(),
                step.sql(),
                step.batching(),
                step.sql().get(0),
                false);
    }

    static Action undo(Step step, Inverse inverse) {
        String what =
                inverse.sql().isEmpty() ? "nothing to take back" : inverse.sql().get(0);
        return new Action(step.no(), Direction.BACK, inverse.kind(), inverse.sql(), step.batching(), what, false);
    }

    static Action authors(Step step) {
        return new Action(
                step.no(),
                Direction.BACK,
                step.kind(),
                step.sql(),
                null,
                step.sql().get(0),
                true);
    }

    void recordBegun(Ledger ledger, Connection connection, @Nullable String checkpoint, long rows) throws SQLException {
        if (authors) {
            ledger.recordBack(connection, step, Entry.State.STARTED, 1);
        } else {
            Entry.State state = direction == Direction.FORWARD ? Entry.State.STARTED : Entry.State.UNDOING;
            ledger.record(connection, step, state, checkpoint, rows, Duration.ZERO, 0);
        }
    }

    void recordDone(
            Ledger ledger,
            Connection connection,
            @Nullable String checkpoint,
            long rows,
            Duration lockWait,
            int attempts)
            throws SQLException {
        if (authors) {
            ledger.recordBack(connection, step, Entry.State.DONE, attempts);
        } else {
            Entry.State state = direction == Direction.FORWARD ? Entry.State.DONE : Entry.State.UNDONE;
            ledger.record(connection, step, state, checkpoint, rows, lockWait, attempts);
        }
    }
}
