package dev.fermata.postgres.parser;

import java.util.Set;

/**
 * A place in a body of which nobody can tell what it does before it runs.
 *
 * @param offset in the text of the statement that has the body
 * @param line in the script, from 1
 * @param column from 1, in UTF-16 units
 * @param why in words, without row values: {@code EXECUTE runs text that is put together when it runs}
 * @param flow what may keep it from being reached
 */
public record OpaquePlace(Reason reason, int offset, int line, int column, String why, Set<Flow> flow) {

    /** What makes it so. */
    public enum Reason {
        /** EXECUTE of text that is not constant. */
        DYNAMIC,
        /** A language that is neither SQL nor PL/pgSQL. */
        LANGUAGE,
        /** PostgreSQL's parser says no: see {@link Body#errors}. */
        SYNTAX,
        /** Too large, nested too deeply, or too slow to be looked at. */
        LIMIT
    }

    public OpaquePlace {
        flow = Set.copyOf(flow);
    }
}
