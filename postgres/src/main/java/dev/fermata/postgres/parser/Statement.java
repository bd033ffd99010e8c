package dev.fermata.postgres.parser;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Objects;

/**
 * One statement of a script, as the server would delimit it.
 *
 * <p>{@code select 1; /* x *}{@code / CREATE INDEX i ON t (a);} gives two: {@code SelectStmt} at 1:1 and {@code
 * IndexStmt} at 1:19, each without the comments and blanks around it and without its semicolon.
 *
 * @param index 0 for the first statement of the script
 * @param start UTF-16 offset into the script of the first character
 * @param end UTF-16 offset into the script after the last character
 * @param line line of {@code start}, from 1
 * @param column column of {@code start} in UTF-16 units, from 1
 * @param text {@code script.substring(start, end)}
 * @param kind the node's name in PostgreSQL's grammar, such as {@code IndexStmt} or {@code AlterTableStmt}
 * @param node the node's content as libpg_query prints it; shared, so it must not be changed. Zero, false and empty
 *     fields are left out. Every position in it ({@code location} and the like) is a UTF-16 offset into {@code text},
 *     or -1 where the grammar has none.
 */
public record Statement(int index, int start, int end, int line, int column, String text, String kind, JsonNode node) {

    public Statement {
        if (index < 0 || start < 0 || end < start || line < 1 || column < 1) {
            throw new IllegalArgumentException(
                    "statement %d at [%d,%d) line %d column %d (expected: index >= 0, start <= end, line, column >= 1)"
                            .formatted(index, start, end, line, column));
        }
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(node, "node");
    }

    /** The same under another index. */
    public Statement numbered(int index) {
        return index == this.index ? this : new Statement(index, start, end, line, column, text, kind, node);
    }

    /** Short, for logs and messages: the tree and the text, which may hold row values, stay out of it. */
    @Override
    public String toString() {
        return kind + " at " + line + ":" + column;
    }
}
