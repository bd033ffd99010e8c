package dev.fermata.postgres.parser;

/**
 * Why a body, or text that it executes, is no SQL or PL/pgSQL.
 *
 * @param message PostgreSQL's own
 * @param offset in the text of the statement that has the body
 * @param line in the script, from 1
 * @param column from 1, in UTF-16 units
 */
public record BodyError(String message, int offset, int line, int column) {

    /** One sentence for people: {@code line 3, column 7: syntax error at or near "tabel"}. */
    public String describe() {
        return "line " + line + ", column " + column + ": " + message;
    }
}
