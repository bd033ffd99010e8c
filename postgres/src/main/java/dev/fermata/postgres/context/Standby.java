package dev.fermata.postgres.context;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A server that follows this one physically or logically.
 *
 * @param synchronous whether commits wait for it
 * @param lag how far behind it is in applying; null where that is not known
 * @param lagBytes of WAL that it has not applied; -1 where that is not known
 */
public record Standby(
        String name, boolean synchronous, @Nullable Duration lag, long lagBytes) {}
