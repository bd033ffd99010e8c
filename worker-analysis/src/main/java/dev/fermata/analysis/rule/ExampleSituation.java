package dev.fermata.analysis.rule;

import java.util.function.UnaryOperator;

/**
 * What the database is like in an example.
 *
 * @param words for people, such as {@code orders has 2 million rows}
 * @param change turns the example database at rest into this one, or puts other files around the example
 */
public record ExampleSituation(String words, UnaryOperator<Situation> change) {}
