package dev.fermata.runtime.store;

import java.sql.SQLException;

/**
 * The control database did not do what was asked. {@link #isOutage()} tells an outage, after which the same thing is tried
 * again, from a statement it refused, which will not get better by itself.
 */
public final class ControlStoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean outage;

    private ControlStoreException(String message, SQLException cause, boolean outage) {
        super(message, cause);
        this.outage = outage;
    }

    /** A statement or the commit failed. */
    static ControlStoreException failed(String schema, SQLException cause) {
        return new ControlStoreException(message(schema, cause), cause, isOutage(cause));
    }

    /** There is no connection: whatever the reason, no message is to blame. */
    static ControlStoreException unreachable(String schema, SQLException cause) {
        return new ControlStoreException(message(schema, cause), cause, true);
    }

    private static String message(String schema, SQLException cause) {
        return "control database, schema '" + schema + "': " + cause.getMessage() + " (SQLSTATE " + cause.getSQLState()
                + ")";
    }

    /** Whether trying again later can help. */
    public boolean isOutage() {
        return outage;
    }

    /**
     * Connection, resource, operator and serialization trouble, and a server that is a standby now (25006); see PostgreSQL
     * Appendix A, error codes.
     */
    private static boolean isOutage(SQLException e) {
        String state = e.getSQLState();
        return state == null
                || state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57")
                || state.startsWith("58")
                || state.equals("40001")
                || state.equals("40P01")
                || state.equals("55P03")
                || state.equals("25P03")
                || state.equals("25006");
    }
}
