package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;
import java.time.Duration;

/**
 * How long a statement will take once it has its locks, and what it will write.
 *
 * @param operation what decides the time, such as {@code index-text}; by which errors are kept
 * @param least and {@code most}: the range that it is believed to be in
 * @param walBytes that it will write to the log
 * @param diskBytes that it needs besides, until it is done
 * @param factor that the model's own figure was multiplied by, from what earlier orders took; 1 where there were none
 * @param basis for people: what the figures rest on
 */
public record Estimate(
        String operation,
        Duration likely,
        Duration least,
        Duration most,
        long walBytes,
        long diskBytes,
        double factor,
        String basis) {
    public Estimate {
        Fields.text(operation, "estimate.operation");
        Fields.required(likely, "estimate.likely");
        Fields.required(least, "estimate.least");
        Fields.required(most, "estimate.most");
        Fields.text(basis, "estimate.basis");
    }
}
