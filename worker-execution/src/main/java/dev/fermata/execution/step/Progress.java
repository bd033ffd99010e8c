package dev.fermata.execution.step;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far a long step is.
 *
 * @param total about; -1 when unknown
 * @param unit of what is counted, such as {@code rows} or {@code blocks: building index}
 * @param remaining by the pace of late; null when unknown
 * @param held why nothing is done just now; null when it goes on
 */
public record Progress(
        long done,
        long total,
        String unit,
        @Nullable Duration remaining,
        @Nullable String held) {

    /** The same, standing still. */
    Progress held(String why) {
        return new Progress(done, total, unit, null, why);
    }
}
