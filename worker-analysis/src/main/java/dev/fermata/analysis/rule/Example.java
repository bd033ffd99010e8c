package dev.fermata.analysis.rule;

import java.util.Optional;

/**
 * SQL that shows a rule: in documentation, and in the test that runs it.
 *
 * @param sql one or more statements, as a file would have them
 * @param situation what the database is like, when that matters; for people
 */
public record Example(String sql, Optional<ExampleSituation> situation) {
    static Example of(String sql) {
        return new Example(sql, Optional.empty());
    }
}
