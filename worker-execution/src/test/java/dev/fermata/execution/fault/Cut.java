package dev.fermata.execution.fault;

/** When a line breaks that something is asked over. The one who asks can tell none of them from the others. */
enum Cut {
    /** The server never hears of it. */
    BEFORE_IT_ARRIVES,
    /** The server is at it, or not yet, or not any more. */
    WHILE_IT_RUNS,
    /** The server has done it. */
    BEFORE_THE_ANSWER
}
