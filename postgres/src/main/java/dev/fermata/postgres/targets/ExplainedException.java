package dev.fermata.postgres.targets;

import java.sql.SQLException;

/** An error of a database in our own words, made of names alone, which say what to do; {@link SafeMessage} keeps them. */
public final class ExplainedException extends SQLException {
    private static final long serialVersionUID = 1L;

    /** @param e what the server said; its SQLState stays */
    public ExplainedException(String explanation, SQLException e) {
        super(explanation, e.getSQLState());
    }
}
