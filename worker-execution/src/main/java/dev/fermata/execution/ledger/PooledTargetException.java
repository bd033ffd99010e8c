package dev.fermata.execution.ledger;

/** Between us and the target is something that lends server processes, so that locks and settings are not our own. */
public final class PooledTargetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PooledTargetException(String target) {
        super("target '" + target
                + "' is reached through a transaction pooler, where session locks and settings are not"
                + " ours; give the target's own host and port in the registry (targets." + target + ".host, .port)");
    }
}
