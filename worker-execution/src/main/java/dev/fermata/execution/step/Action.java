package dev.fermata.execution.step;

import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.execution.ledger.Entry;
import dev.fermata.execution.ledger.Ledger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Something to run exactly once: a step forward, a unit of its inverse, or a step of the author's rollback. It knows how
 * the ledger calls its beginning and its end.
 */
record Action(
        int step,
        int part,
        Direction direction,
        StepKind kind,
        List<String> sql,
        List<String> verify,
        @Nullable Batching batching,
        List<RelationLock> locks,
        boolean authors) {
    private static final Pattern PATIENT =
            Pattern.compile("(?is)\\bCONCURRENTLY\\b.*|^\\s*(?:VACUUM(?!\\s*(?:\\([^)]*)?FULL)|ANALYZE|ANALYSE)\\b.*");

    static Action forward(Step step) {
        return new Action(
                step.no(),
                0,
                Direction.FORWARD,
                step.kind(),
                step.sql(),
                step.verify(),
                step.batching(),
                step.locks(),
                false);
    }

    /** @param part which unit of the step's inverse, from 0 */
    static Action undo(Step step, int part, Unit unit) {
        return new Action(
                step.no(),
                part,
                Direction.BACK,
                unit.kind(),
                unit.sql(),
                unit.verify(),
                unit.batching(),
                step.locks(),
                false);
    }

    static Action authors(Step step) {
        return new Action(
                step.no(), 0, Direction.BACK, step.kind(), step.sql(), step.verify(), null, step.locks(), true);
    }

    /** What it does, as SQL. */
    String what() {
        return sql.get(0);
    }

    /** For the beginning of a sentence. */
    String name() {
        return (direction == Direction.FORWARD ? "step " : "taking back step ") + step;
    }

    /** Whether an operator may slow it down; the way back is never held up. */
    boolean mayBeHeld() {
        return direction == Direction.FORWARD;
    }

    /** Whether it makes neither readers nor writers wait, and so may wait itself for as long as it takes. */
    boolean isPatient() {
        return kind == StepKind.AUTOCOMMIT && PATIENT.matcher(what()).find();
    }

    /** The row of the ledger that it is, as a condition. */
    String ledgerRow() {
        if (authors) {
            return "direction = 'back' AND step = " + step;
        }
        return direction == Direction.FORWARD
                ? "direction = 'forward' AND step = " + step
                : "direction = 'undo' AND step = " + Ledger.undoNumber(step, part);
    }

    void recordBegun(Ledger ledger, Connection connection, @Nullable String checkpoint, long rows) throws SQLException {
        if (authors) {
            ledger.recordBack(connection, step, Entry.State.STARTED, 1);
        } else if (direction == Direction.FORWARD) {
            ledger.record(connection, step, Entry.State.STARTED, checkpoint, rows, Duration.ZERO, 0);
        } else {
            ledger.recordUndo(connection, step, part, Entry.State.STARTED, checkpoint, rows, Duration.ZERO, 0);
        }
    }

    /** It was begun, and did nothing at all. */
    void recordNothing(Ledger ledger, Connection connection) throws SQLException {
        if (!authors && direction == Direction.FORWARD) {
            ledger.recordUndone(connection, step);
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
        } else if (direction == Direction.FORWARD) {
            ledger.record(connection, step, Entry.State.DONE, checkpoint, rows, lockWait, attempts);
        } else {
            ledger.recordUndo(connection, step, part, Entry.State.DONE, checkpoint, rows, lockWait, attempts);
        }
    }
}
