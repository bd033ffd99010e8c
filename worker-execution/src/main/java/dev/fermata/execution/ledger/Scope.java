package dev.fermata.execution.ledger;

import dev.fermata.contracts.id.RunId;

/**
 * Which run of which order writes, and under which directive.
 *
 * @param epoch of the directive
 */
public record Scope(RunId run, int revision, long epoch, String digest) {

    /** {@code fermata/<order>/}: what every session of the order begins with. */
    public String sessionPrefix() {
        return "fermata/" + run.order().value() + "/";
    }

    /** The name of a session, as operators see it in pg_stat_activity. */
    public String session(String what) {
        return sessionPrefix() + what + "/" + epoch;
    }
}
