package dev.fermata.acceptance.corpora;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What became of a project's migrations, counted. */
final class Tally {
    /** In the order of the table. */
    enum Count {
        UPS("ups"),
        APPLIED("applied by psql"),
        PLANNED("planned"),
        UNWRAPPED("of these only without their BEGIN and COMMIT"),
        WITH_DOWN("of these only with the author's down"),
        REFUSED("refused by the planner"),
        FAILED("failed while they ran"),
        EQUAL("catalog equal to psql's"),
        REORDERED("of these with replaced columns at the end of their table"),
        DIFFERENT("catalog other than psql's"),
        DOWNS("downs given"),
        INVERSES("downs that are an inverse"),
        NO_INVERSES("downs that leave another catalog"),
        DOWNS_FAILED("downs that fail"),
        GENERATED("generated rollbacks"),
        RESTORED("generated rollbacks that restore exactly"),
        NOT_RESTORED("generated rollbacks that do not"),
        REPEATED("forward again, equal"),
        CRASHES("crashes");

        private final String words;

        Count(String words) {
            this.words = words;
        }
    }

    private final String corpus;
    private final Map<Count, Integer> counts = new EnumMap<>(Count.class);
    private final Map<String, Integer> refusals = new TreeMap<>();

    Tally(String corpus) {
        this.corpus = corpus;
    }

    void add(Count count) {
        counts.merge(count, 1, Integer::sum);
    }

    void refused(String code) {
        add(Count.REFUSED);
        refusals.merge(code, 1, Integer::sum);
    }

    /** Prints what is worth looking at, at once: a project takes minutes. */
    void note(String migration, String what) {
        System.out.println(corpus + " " + migration + ": " + what);
    }

    int of(Count count) {
        return counts.getOrDefault(count, 0);
    }

    /** A column for each project. */
    static String table(List<Tally> tallies) {
        StringBuilder out = new StringBuilder(String.format("%-48s", ""));
        tallies.forEach(tally -> out.append(String.format(" %22s", tally.corpus)));
        for (Count count : Count.values()) {
            out.append(String.format("%n%-48s", count.words));
            tallies.forEach(tally -> out.append(String.format(" %22d", tally.of(count))));
        }
        tallies.stream()
                .flatMap(tally -> tally.refusals.keySet().stream())
                .distinct()
                .sorted()
                .forEach(code -> {
                    out.append(String.format("%nrefused: %-39s", code));
                    tallies.forEach(tally -> out.append(String.format(" %22d", tally.refusals.getOrDefault(code, 0))));
                });
        return out.toString();
    }
}
