package dev.fermata.analysis.rule;

import dev.fermata.contracts.impact.RiskLevel;

/**
 * How much is at stake on a table.
 *
 * @param rows -1 where nobody knows
 * @param writesPerSecond -1 where nobody knows
 */
public record Exposure(long rows, double writesPerSecond) {
    /** Nothing is known, which is never read as harmless. */
    public static final Exposure UNKNOWN = new Exposure(-1, -1);

    /** Rows up to which a scan is over before anybody has waited: some milliseconds. */
    private static final long UNNOTICED = 10_000;

    /** Rows beyond which it takes seconds. */
    private static final long FELT = 1_000_000;

    /** Rows beyond which it takes minutes, and a rewrite a good part of an hour. */
    private static final long HURTS = 50_000_000;

    /** Writes a second from which a second of waiting fills a connection pool. */
    private static final double BUSY = 50;

    RiskLevel whenAllWait() {
        if (rows < 0) {
            return RiskLevel.HIGH;
        }
        if (rows > HURTS || (rows > FELT && writesPerSecond >= BUSY)) {
            return RiskLevel.CRITICAL;
        }
        if (rows > FELT) {
            return RiskLevel.HIGH;
        }
        return rows > UNNOTICED ? RiskLevel.MEDIUM : RiskLevel.LOW;
    }

    RiskLevel whenLockedForAMoment() {
        return writesPerSecond >= BUSY ? RiskLevel.MEDIUM : RiskLevel.LOW;
    }
}
