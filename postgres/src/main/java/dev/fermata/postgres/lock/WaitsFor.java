package dev.fermata.postgres.lock;

/** Transactions that a statement waits for although no lock of theirs is in its way. */
public enum WaitsFor {
    /** All that hold ROW EXCLUSIVE on it, or more. */
    WRITERS_OF_THE_TABLE("transactions that have written to the table"),
    /** All that have read or written the table; {@link #WRITERS_OF_THE_TABLE} are among them. */
    USERS_OF_THE_TABLE("transactions that use the table, readers included"),
    /** Every one in the database whose snapshot is older, whatever it reads. */
    OLDER_SNAPSHOTS("every transaction of the database with an older snapshot");

    private final String words;

    WaitsFor(String words) {
        this.words = words;
    }

    /** For people. */
    public String words() {
        return words;
    }
}
