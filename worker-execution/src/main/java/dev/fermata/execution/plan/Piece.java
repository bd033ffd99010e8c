package dev.fermata.execution.plan;

import dev.fermata.postgres.parser.Statement;

/**
 * A part of a statement that is planned by itself: the statement, or one command of an ALTER TABLE that has several.
 *
 * @param author the statement that it is of
 * @param statement as it would be written alone; the very same where it is the whole
 */
public record Piece(Statement author, Statement statement) {
    public String sql() {
        return statement.text();
    }

    /** Whether it is about what rests in the attic, which no copy of the schema has. */
    public boolean isPurge() {
        return Purge.isOne(statement);
    }
}
