package dev.fermata.contracts.plan;

import dev.fermata.contracts.Fields;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one step did on the clone, measured while a synthetic reader and a synthetic writer used the tables it touches.
 *
 * @param locks what it held on relations of the user, strongest first
 * @param locksFrom how the locks were seen, for people: those of a transaction are read right before it commits, others
 *     by looking again and again, which misses what is held for less than a look's interval
 * @param strongestHeld how long the strongest lock was held at most: from the begin of its transaction, waiting included,
 *     to the commit; for what was only looked at, from the last look without it to the first look after
 * @param rewritten relations with rows that were written anew as a whole
 * @param walBytes written meanwhile by the whole server, so an upper bound where it does other work, too
 * @param tempBytes of temporary files
 * @param diskBytes by which the clone grew; negative when it shrank
 * @param readerStall the longest that the reader waited for an answer; null where there was no table to read
 * @param writerStall the longest that the writer waited for its lock; null where there was no table to write
 * @param scale times as much that production has to do; null where that is not known
 * @param scaleBasis where the scale comes from, for people
 */
public record StepFacts(
        List<HeldLock> locks,
        String locksFrom,
        Duration strongestHeld,
        List<String> rewritten,
        long walBytes,
        long tempBytes,
        long diskBytes,
        @Nullable Duration readerStall,
        @Nullable Duration writerStall,
        @Nullable Double scale,
        String scaleBasis) {
    public StepFacts {
        locks = Fields.copy(locks);
        Fields.text(locksFrom, "stepFacts.locksFrom");
        Fields.required(strongestHeld, "stepFacts.strongestHeld");
        rewritten = Fields.copy(rewritten);
        Fields.text(scaleBasis, "stepFacts.scaleBasis");
    }

    /** The strongest lock on one relation; {@code mode} as PostgreSQL says it, such as {@code ACCESS EXCLUSIVE}. */
    public record HeldLock(String relation, String mode) {
        public HeldLock {
            Fields.text(relation, "heldLock.relation");
            Fields.text(mode, "heldLock.mode");
        }
    }
}
