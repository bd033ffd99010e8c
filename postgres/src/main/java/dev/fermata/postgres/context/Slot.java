package dev.fermata.postgres.context;

/**
 * A replication slot, for which WAL is kept.
 *
 * @param logical whether changes are decoded for a subscriber; physical otherwise
 * @param sameDatabase whether it decodes the database that was read
 * @param active whether anybody is reading from it
 * @param keptBytes of WAL that is kept for it; -1 where that is not known
 */
public record Slot(String name, boolean logical, boolean sameDatabase, boolean active, long keptBytes) {}
