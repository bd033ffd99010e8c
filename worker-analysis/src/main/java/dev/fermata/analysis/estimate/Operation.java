package dev.fermata.analysis.estimate;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What decides how long a statement takes. Errors of estimates are kept for each. */
public enum Operation {
    /** Rows of the catalog only. */
    CATALOG,
    /** Reads a table. */
    SCAN,
    /** Looks each row of a table up in another. */
    FOREIGN_KEY,
    /** Sorts keys of fixed width. */
    INDEX,
    /** Sorts texts by their language. */
    INDEX_TEXT,
    INDEX_CONCURRENTLY,
    INDEX_TEXT_CONCURRENTLY,
    /** Copies a table and builds its indexes anew. */
    REWRITE,
    /** The same, with a function called for each row. */
    REWRITE_CALLING,
    INSERT,
    UPDATE,
    DELETE;

    /** As reports and the control database have it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Empty for one that an older or newer version has kept. */
    public static Optional<Operation> byId(String id) {
        return Arrays.stream(values()).filter(one -> one.id().equals(id)).findFirst();
    }

    /** The same as a CONCURRENTLY form. */
    public Operation concurrently() {
        return switch (this) {
            case INDEX -> INDEX_CONCURRENTLY;
            case INDEX_TEXT -> INDEX_TEXT_CONCURRENTLY;
            default -> this;
        };
    }

    /** How many times the work of the other it is: the planner may run CONCURRENTLY what was written without. */
    public double times(Operation other) {
        return this != other && other.concurrently() == this ? CostModel.CONCURRENTLY : 1;
    }
}
