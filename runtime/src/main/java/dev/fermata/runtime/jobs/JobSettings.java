package dev.fermata.runtime.jobs;

import java.time.Duration;

/**
 * @param parallel jobs at a time in one process
 * @param maxWaiting accepted jobs beyond which the partitions are paused
 * @param lease how long a silent owner keeps a job
 * @param drain how long a stopping service waits for its jobs
 */
public record JobSettings(int parallel, int maxWaiting, Duration lease, Duration drain) {
    public JobSettings {
        if (parallel < 1) {
            throw new IllegalArgumentException("parallel: " + parallel + " (expected: >= 1)");
        }
    }
}
