package dev.fermata.runtime.store;

import java.sql.SQLException;

/**
 * The control database did not do what was asked. {@link #isOutage()} tells an outage, after which the same thing is tried
 * again, from a statement it refused, which will not get better by itself.
 */
public final class ControlStoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean outage;

    ControlStoreException(String schema, SQLException cause) {
        super("control database, schema '" + schema + "': " + cause.getMessage() + " (SQLSTATE " + cause.getSQLState()
                + ")", cause);
        this.outage = isOutage(cause);
    }

    /** Whether trying again later can help. */
    public boolean isOutage() {
        return outage;
    }

    /** Connection, resource, operator and serialization trouble; see PostgreSQL Appendix A, error codes. */
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
                || state.equals("25P03");
    }
}
