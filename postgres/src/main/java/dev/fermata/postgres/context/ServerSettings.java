package dev.fermata.postgres.context;

/**
 * The settings of a server that decide what a change costs.
 *
 * @param lockSlots how many locks fit into the shared table of locks, as the manual has it for {@code
 *     max_locks_per_transaction}
 * @param freezeMaxAge transactions after which autovacuum runs against wraparound
 * @param maintenanceMemory bytes for one index build
 * @param maxWalSize bytes of WAL between checkpoints
 * @param logical whether {@code wal_level} is {@code logical}
 * @param inRecovery whether it is a standby, which cannot be changed
 */
public record ServerSettings(
        long lockSlots,
        long freezeMaxAge,
        long maintenanceMemory,
        long maxWalSize,
        boolean logical,
        boolean inRecovery) {
    /** Those of a server as it is installed. */
    public static final ServerSettings DEFAULTS =
            new ServerSettings(64 * 100, 200_000_000, 64L << 20, 1L << 30, false, false);
}
