package dev.fermata.postgres.parser;

/**
 * The text is not SQL that a PostgreSQL server understands. The message is the server's own wherever the server has
 * one.
 */
public final class SqlSyntaxException extends SqlInputException {
    private final int offset;
    private final int line;
    private final int column;

    SqlSyntaxException(String message, int offset, int line, int column) {
        super(message);
        this.offset = offset;
        this.line = line;
        this.column = column;
    }

    /** UTF-16 offset into the script, or -1 when PostgreSQL gives no position. */
    public int offset() {
        return offset;
    }

    /** From 1, or 0 when there is no position. */
    public int line() {
        return line;
    }

    /** From 1, in UTF-16 units, or 0 when there is no position. */
    public int column() {
        return column;
    }

    /** One sentence for people: {@code line 3, column 7: syntax error at or near "tabel"}. */
    public String describe() {
        return (line == 0 ? "" : "line " + line + ", column " + column + ": ") + getMessage();
    }
}
