package dev.fermata.postgres.parser;

/** What stands between the start of a body and a place in it: each of them may keep the place from being reached. */
public enum Flow {
    /** Inside IF or CASE. */
    BRANCH("in a branch"),
    /** Inside a loop, of any sort: never, once or many times. */
    LOOP("in a loop"),
    /** Inside a block that has an EXCEPTION clause: undone, with its locks, when an error is caught. */
    CAUGHT("in a block whose errors are caught"),
    /** Inside an exception handler. */
    HANDLER("in an exception handler"),
    /** After a RETURN, EXIT, CONTINUE or RAISE that may have ended the body before. */
    AFTER_EXIT("after a place where the body may end"),
    /** The default of a nested declaration, or the query of a cursor that may be opened. */
    DECLARED("in a declaration");

    private final String words;

    Flow(String words) {
        this.words = words;
    }

    /** For messages: {@code in a branch}. */
    public String words() {
        return words;
    }
}
