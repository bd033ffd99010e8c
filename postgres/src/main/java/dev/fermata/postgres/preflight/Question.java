package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;

/** How many rows stand against one demand of one statement. */
public sealed interface Question {
    /** Index of the statement that demands it. */
    int statement();

    Kind kind();

    /** The table whose rows are counted, under the name that it has before the change. */
    QualifiedName relation();

    /** What is counted, for people: {@code rows of public.orders where note is null}. */
    String what();

    /**
     * Earlier statements of the same change that write to what is counted, or run code that may: the number is then the
     * one before the change's own repairs.
     */
    List<Integer> repairs();

    default boolean beforeRepairs() {
        return !repairs().isEmpty();
    }

    /** One that a query answers. */
    record Countable(
            int statement, Kind kind, QualifiedName relation, String what, List<Integer> repairs, Counting counting)
            implements Question {
        public Countable {
            repairs = List.copyOf(repairs);
        }
    }

    /**
     * One that nobody can answer beforehand, or not at a fair price.
     *
     * @param why for people
     */
    record Unanswerable(
            int statement, Kind kind, QualifiedName relation, String what, List<Integer> repairs, String why)
            implements Question {
        public Unanswerable {
            repairs = List.copyOf(repairs);
        }
    }
}
