package dev.fermata.execution.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * Statements and their place among those that change a schema: what depends on other things is dropped before them and made
 * after them.
 */
record Ranked(int rank, List<String> sql) {
    /** The object goes, or comes, with another. */
    static final Ranked NOTHING = new Ranked(0, List.of());

    Ranked {
        sql = List.copyOf(sql);
    }

    /** The same after another statement. */
    Ranked after(String first) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(sql);
        return new Ranked(rank, all);
    }

    static Ranked of(int rank, String... sql) {
        return new Ranked(rank, List.of(sql));
    }
}
