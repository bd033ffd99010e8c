package dev.fermata.runtime.jobs;

import dev.fermata.contracts.codec.Envelope;

/**
 * An accepted message that this process now works on.
 *
 * @param key one job per key at a time
 * @param epoch of the message; a higher one replaces this job
 * @param attempt from 1; more than 1 after a crash or a lost lease
 */
public record Job(String key, long epoch, int attempt, Envelope envelope) {
    /**
     * The end of the key of a job that takes a moment and must not wait for long ones: it is begun however many jobs there
     * are.
     */
    public static final String AT_ONCE = "#at-once";
}
