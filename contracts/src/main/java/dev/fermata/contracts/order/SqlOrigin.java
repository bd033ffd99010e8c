package dev.fermata.contracts.order;

/**
 * Where the SQL of an order stands, so that an error in it can be shown where the author wrote it.
 *
 * @param file the document, or the SQL file it names
 * @param line of the first line of the SQL, 1-based
 * @param column of its first character, 1-based; the indentation of a block goes off every line
 * @param verbatim whether the SQL stands there line by line; false for strings with escapes and for folded YAML, where
 *     only the start of the value is known
 */
public record SqlOrigin(String file, int line, int column, boolean verbatim) {

    /** The place of a character of the SQL, given by line and column within the SQL, both 1-based. */
    public Place at(int sqlLine, int sqlColumn) {
        return verbatim ? new Place(file, line + sqlLine - 1, column + sqlColumn - 1) : new Place(file, line, column);
    }

    /** A place in a file, 1-based. */
    public record Place(String file, int line, int column) {}
}
