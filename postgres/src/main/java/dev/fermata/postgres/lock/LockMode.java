package dev.fermata.postgres.lock;

import java.util.Locale;

/**
 * PostgreSQL's table locks, weakest first. Source: table 13.2 of the manual, "Conflicting Lock Modes".
 */
public enum LockMode {
    /** SELECT. */
    ACCESS_SHARE(1, "AccessShareLock", 0b1000_0000),
    /** SELECT ... FOR UPDATE. */
    ROW_SHARE(2, "RowShareLock", 0b1100_0000),
    /** INSERT, UPDATE, DELETE, MERGE. */
    ROW_EXCLUSIVE(3, "RowExclusiveLock", 0b1111_0000),
    /** VACUUM, ANALYZE, VALIDATE CONSTRAINT, the CONCURRENTLY forms. */
    SHARE_UPDATE_EXCLUSIVE(4, "ShareUpdateExclusiveLock", 0b1111_1000),
    /** CREATE INDEX. */
    SHARE(5, "ShareLock", 0b1110_1100),
    /** CREATE TRIGGER, ADD FOREIGN KEY. */
    SHARE_ROW_EXCLUSIVE(6, "ShareRowExclusiveLock", 0b1111_1100),
    /** REFRESH MATERIALIZED VIEW CONCURRENTLY. */
    EXCLUSIVE(7, "ExclusiveLock", 0b1111_1110),
    /** DROP TABLE, TRUNCATE, most of ALTER TABLE. */
    ACCESS_EXCLUSIVE(8, "AccessExclusiveLock", 0b1111_1111);

    private final int number;
    private final String pgName;
    private final int conflicts;

    /**
     * @param number as PostgreSQL counts them, from 1
     * @param conflicts bit n: conflicts with the mode of number n + 1
     */
    LockMode(int number, String pgName, int conflicts) {
        this.number = number;
        this.pgName = pgName;
        this.conflicts = conflicts;
    }

    /** As in {@code pg_locks.mode}. */
    public String pgName() {
        return pgName;
    }

    /** As in {@code LOCK TABLE t IN ... MODE}: {@code ACCESS EXCLUSIVE}. */
    public String sql() {
        return name().replace('_', ' ').toUpperCase(Locale.ROOT);
    }

    /** Whether one session waits for the other. */
    public boolean conflictsWith(LockMode other) {
        return (conflicts & (1 << (other.number - 1))) != 0;
    }

    /** Whether plain SELECTs wait. */
    public boolean blocksReads() {
        return conflictsWith(ACCESS_SHARE);
    }

    /** Whether INSERT, UPDATE and DELETE wait. */
    public boolean blocksWrites() {
        return conflictsWith(ROW_EXCLUSIVE);
    }

    /** Later in the order of the declaration; a session that holds both is counted with the stronger. */
    public LockMode strongest(LockMode other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /** By PostgreSQL's number, 1 to 8, as a parsed LOCK TABLE has it. */
    static LockMode ofNumber(int number) {
        for (LockMode mode : values()) {
            if (mode.number == number) {
                return mode;
            }
        }
        throw new IllegalArgumentException("lock mode: " + number + " (expected: 1 to 8)");
    }

    /** @throws IllegalArgumentException for a name that {@code pg_locks} does not have for tables */
    public static LockMode ofPgName(String pgName) {
        for (LockMode mode : values()) {
            if (mode.pgName.equals(pgName)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("lock mode: '" + pgName + "' (expected: a name such as AccessShareLock)");
    }
}
