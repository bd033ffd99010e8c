package dev.fermata.contracts.plan;

import dev.fermata.contracts.Fields;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one way back went on the clone, compared with the start.
 *
 * @param source the author's own, or generated from the steps
 * @param restores whether catalog and rows are exactly what they were
 * @param failure why it does not run to its end; null when it does
 * @param differences what is not as it was, for people; never a value of a row
 * @param lossless whether it keeps what the application wrote meanwhile; null where nobody can tell, which is so for the
 *     author's
 */
public record RollbackTrial(
        Plan.Source source,
        boolean restores,
        @Nullable String failure,
        List<String> differences,
        Duration elapsed,
        @Nullable Boolean lossless) {
    public RollbackTrial {
        Fields.required(source, "rollbackTrial.source");
        differences = Fields.copy(differences);
        Fields.required(elapsed, "rollbackTrial.elapsed");
    }
}
