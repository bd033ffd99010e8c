package dev.fermata.execution.plan;

/** What becomes of the old name of a table or column that is renamed. */
enum Names {
    /** It works beside the new one until people say that nobody uses it. */
    BOTH(""),
    /** The author says that the application is ready. */
    AT_ONCE(""),
    TOO_LATE("what stands before it in the order waits already; make it an order of its own"),
    AS_A_WHOLE("the author's rollback takes back the whole change, and nothing less");

    private final String obstacle;

    Names(String obstacle) {
        this.obstacle = obstacle;
    }

    /** Why there is one name only, though both are wanted; empty otherwise. */
    String obstacle() {
        return obstacle;
    }
}
