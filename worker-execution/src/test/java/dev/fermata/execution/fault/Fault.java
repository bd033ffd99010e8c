package dev.fermata.execution.fault;

/** What may befall. */
enum Fault {
    /** By pg_terminate_backend; the worker goes on in a new session. */
    SESSION_KILLED,
    /** See {@link Cut}; the worker goes on in a new session. */
    CONNECTION_CUT,
    /** SIGSTOP; another worker takes over, and SIGCONT comes when that one is at work, or through. */
    WORKER_STOPPED,
    /** SIGKILL; another worker takes over. */
    WORKER_KILLED,
    /** Fast shutdown and start. */
    SERVER_RESTARTED,
    /** Immediate shutdown, start and recovery. */
    SERVER_CRASHED
}
