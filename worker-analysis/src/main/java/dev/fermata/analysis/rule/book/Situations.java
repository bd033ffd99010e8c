package dev.fermata.analysis.rule.book;

import dev.fermata.analysis.rule.ExampleSituation;

/** What the example database is like in examples that need one. */
final class Situations {
    /** Nothing special: only a database at all. */
    static final ExampleSituation REST = new ExampleSituation("on the example database", target -> target);

    private Situations() {}
}
