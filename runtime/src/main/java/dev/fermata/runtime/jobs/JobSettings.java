package dev.fermata.runtime.jobs;

import dev.fermata.runtime.config.ConfigReader;
import java.time.Duration;

/**
 * @param parallel jobs at a time in one process
 * @param maxWaiting accepted jobs beyond which the partitions are paused
 * @param lease how long a silent owner keeps a job; also the pace at which a job that broke off is tried again
 * @param drain how long a stopping service waits for its jobs
 */
public record JobSettings(int parallel, int maxWaiting, Duration lease, Duration drain) {
    private static final Duration SHORTEST_LEASE = Duration.ofMillis(500);

    public JobSettings {
        if (parallel < 1) {
            throw new IllegalArgumentException("parallel: " + parallel + " (expected: >= 1)");
        }
        if (maxWaiting < 1) {
            throw new IllegalArgumentException("maxWaiting: " + maxWaiting + " (expected: >= 1)");
        }
        if (lease.compareTo(SHORTEST_LEASE) < 0) {
            throw new IllegalArgumentException("lease: " + lease + " (expected: at least " + SHORTEST_LEASE + ")");
        }
        if (drain.isNegative()) {
            throw new IllegalArgumentException("drain: " + drain + " (expected: 0 or more)");
        }
    }

    /** Reads {@code <section>.parallel}, {@code .max-waiting}, {@code .lease} and {@code .drain}. */
    public static JobSettings read(ConfigReader in, String section) {
        return new JobSettings(
                in.integer(section + ".parallel", 4, 1, 1000),
                in.integer(section + ".max-waiting", 100, 1, 100_000),
                in.duration(section + ".lease", Duration.ofSeconds(10), Duration.ofSeconds(1)),
                in.duration(section + ".drain", Duration.ofSeconds(10)));
    }
}
