package dev.fermata.analysis.rule;

import dev.fermata.contracts.impact.RiskLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One thing that can be wrong with a change: what is found, and all that people want to know of it.
 *
 * @param id in kebab case; also its section in {@code docs/rules.md}
 * @param what one sentence that says what it looks for
 * @param why what happens to whom
 * @param safer what to do instead
 * @param fires scripts of which the last statement is found, unless {@code Example} says otherwise
 * @param passes scripts close to those, in which it finds nothing
 * @param since server major version from which it makes sense
 * @param until server major version up to which it makes sense
 * @param links the PostgreSQL manual, for the facts
 * @param optional whether it is off unless a policy asks for it
 * @param onServer what the example server does with the statements that fire
 * @param check pure; called with one statement after the other
 */
public record Rule(
        String id,
        Family family,
        Grade grade,
        String what,
        String why,
        String safer,
        List<Example> fires,
        List<Example> passes,
        int since,
        int until,
        List<String> links,
        boolean optional,
        OnServer onServer,
        Function<Subject, Stream<Hit>> check) {

    /** What an id looks like. */
    public static final String ID = "[a-z][a-z0-9]*(-[a-z0-9]+)*";

    public Rule {
        boolean shown = family == Family.OWN || (!fires.isEmpty() && !passes.isEmpty());
        if (!id.matches(ID) || !shown) {
            throw new IllegalArgumentException(
                    "rule '" + id + "' (expected: a kebab-case id, and examples of both sorts)");
        }
        fires = List.copyOf(fires);
        passes = List.copyOf(passes);
        links = List.copyOf(links);
    }

    /** Begins a rule; {@link Draft#when} ends it. */
    public static Draft named(String id, Family family) {
        return new Draft(id, family);
    }

    /** What the example server does with the statements that fire. */
    public enum OnServer {
        ACCEPTED,
        /** That it does is what is found. */
        REFUSED,
        /** They would reach beyond the example database. */
        NOT_TRIED
    }

    /** The same rule with another verdict. */
    public Rule judging(Grade others, Function<Subject, Stream<Hit>> otherCheck) {
        return new Rule(
                id,
                family,
                others,
                what,
                why,
                safer,
                fires,
                passes,
                since,
                until,
                links,
                optional,
                onServer,
                otherCheck);
    }

    /** Where it is described; for a rule of a policy where that says, if it does. */
    public Optional<String> docs() {
        return family == Family.OWN ? links.stream().findFirst() : Optional.of("docs/rules.md#" + id);
    }

    boolean appliesTo(int majorVersion) {
        return since <= majorVersion && majorVersion <= until;
    }

    /** A rule in the making. Not thread-safe. */
    public static final class Draft {
        private static final String MANUAL = "https://www.postgresql.org/docs/current/";

        private final String id;
        private final Family family;
        private Grade grade = new Grade.Fixed(RiskLevel.MEDIUM);
        private String what = "";
        private String why = "";
        private String safer = "";
        private final List<Example> fires = new ArrayList<>();
        private final List<Example> passes = new ArrayList<>();
        private int since = 0;
        private int until = Integer.MAX_VALUE;
        private final List<String> links = new ArrayList<>();
        private boolean optional;
        private OnServer onServer = OnServer.ACCEPTED;

        private Draft(String id, Family family) {
            this.id = id;
            this.family = family;
        }

        public Draft severity(RiskLevel severity) {
            grade = new Grade.Fixed(severity);
            return this;
        }

        /** Low on a small table, critical on a very large one, high where nobody knows. */
        public Draft bySize() {
            grade = new Grade.BySize();
            return this;
        }

        /** Low, and medium on a table with many writes. */
        public Draft byTraffic() {
            grade = new Grade.ByTraffic();
            return this;
        }

        public Draft what(String sentence) {
            what = sentence;
            return this;
        }

        public Draft why(String sentence) {
            why = sentence;
            return this;
        }

        public Draft safer(String sentence) {
            safer = sentence;
            return this;
        }

        public Draft fires(String sql) {
            fires.add(Example.of(sql));
            return this;
        }

        public Draft passes(String sql) {
            passes.add(Example.of(sql));
            return this;
        }

        /** A script that fires in that situation. */
        public Draft fires(String sql, ExampleSituation situation) {
            fires.add(new Example(sql, Optional.of(situation)));
            return this;
        }

        /** A script that passes in that situation. */
        public Draft passes(String sql, ExampleSituation situation) {
            passes.add(new Example(sql, Optional.of(situation)));
            return this;
        }

        public Draft since(int majorVersion) {
            since = majorVersion;
            return this;
        }

        public Draft until(int majorVersion) {
            until = majorVersion;
            return this;
        }

        /** @param page of the PostgreSQL manual, such as {@code sql-createindex.html} */
        public Draft manual(String page) {
            links.add(MANUAL + page);
            return this;
        }

        /** Off unless a policy asks for it. */
        public Draft optional() {
            optional = true;
            return this;
        }

        /** The example server, as it is configured, refuses the scripts that fire. */
        public Draft refused() {
            onServer = OnServer.REFUSED;
            return this;
        }

        /** The scripts would change more than the example database. */
        public Draft notTried() {
            onServer = OnServer.NOT_TRIED;
            return this;
        }

        /** Ends it. */
        public Rule when(Function<Subject, Stream<Hit>> check) {
            return new Rule(
                    id, family, grade, what, why, safer, fires, passes, since, until, links, optional, onServer, check);
        }
    }
}
