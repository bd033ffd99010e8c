package dev.fermata.postgres.preflight;

import dev.fermata.postgres.targets.SafeMessage;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** What came of a question. None holds row data. */
public sealed interface Answer {
    Question question();

    /** In one sentence, for people. */
    String text();

    /** @param exact false: there are more than these, and the count stopped */
    record Counted(Question question, long rows, boolean exact) implements Answer {
        @Override
        public String text() {
            return (exact ? "" : "more than ") + number(rows) + " " + question.what()
                    + (question.beforeRepairs() ? ", before the change's own repairs" : "");
        }
    }

    /** What was too slow. */
    enum Slow {
        /** The count itself. */
        COUNT,
        /** Somebody holds the table. */
        LOCK,
        /** The questions before it: it was not asked. */
        OTHERS
    }

    /**
     * @param after how long it was tried
     * @param about estimate from a sample of the table, where one was taken
     */
    record TimedOut(Question question, Slow slow, Duration after, OptionalLong about) implements Answer {
        @Override
        public String text() {
            String why =
                    switch (slow) {
                        case COUNT -> "not counted within " + millis(after);
                        case LOCK -> "another session held the table for longer than " + millis(after);
                        case OTHERS -> "not asked, the time for all questions was up after " + millis(after);
                    };
            return question.what() + ": " + why
                    + (about.isPresent() ? "; by a sample about " + number(about.getAsLong()) : "");
        }
    }

    /**
     * The role may not read what it would have to, or would not see all of it.
     *
     * @param remedies statements that would let it; each is for people to decide
     */
    record NotPermitted(Question question, String why, List<String> remedies) implements Answer {
        public NotPermitted {
            remedies = List.copyOf(remedies);
        }

        @Override
        public String text() {
            return question.what() + ": not counted, " + why + " (" + String.join("; ", remedies) + ")";
        }
    }

    /** The server refused the query. */
    record Failed(Question question, SafeMessage message) implements Answer {
        @Override
        public String text() {
            return question.what() + ": not counted, the query failed: " + message;
        }
    }

    /** There is no query for it, or none that is safe to run. */
    record NotAsked(Question question, String why) implements Answer {
        @Override
        public String text() {
            return question.what() + ": not counted, " + why;
        }
    }

    private static String number(long rows) {
        return String.format(Locale.ROOT, "%,d", rows);
    }

    private static String millis(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }
}
