package dev.fermata.postgres.preflight;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Whether an expression runs nothing but the server's own functions that change nothing and read no tables. Decided by
 * name: one function too many of that name, anywhere, is enough for a no.
 */
final class Harmless {
    /** Not immutable, as they know the clock, the time zone or other settings, but as cheap and as quiet. */
    private static final List<String> STEADY = List.of(
            "age",
            "array_to_string",
            "concat",
            "concat_ws",
            "date",
            "date_add",
            "date_part",
            "date_subtract",
            "date_trunc",
            "extract",
            "format",
            "isfinite",
            "json_build_array",
            "json_build_object",
            "jsonb_build_array",
            "jsonb_build_object",
            "make_timestamptz",
            "now",
            "overlaps",
            "pg_input_is_valid",
            "statement_timestamp",
            "time",
            "timestamp",
            "timestamptz",
            "timezone",
            "to_char",
            "to_date",
            "to_json",
            "to_jsonb",
            "to_number",
            "to_timestamp",
            "to_tsvector",
            "transaction_timestamp");

    /** A stable sister of an immutable function, such as length of a text in another encoding, only knows a setting. */
    private static final String FUNCTIONS = """
        SELECT n.nspname || '.' || p.proname
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE p.proname = ANY (?::text[])
          AND (n.nspname <> 'pg_catalog' OR p.provolatile = 'v'
            OR (p.provolatile = 's' AND NOT p.proname = ANY (?::text[]) AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_proc i
              WHERE i.proname = p.proname AND i.pronamespace = p.pronamespace AND i.provolatile = 'i')))
        ORDER BY 1 LIMIT 1
        """;

    /** Operators of an extension are let in: they are part of the types that it brings, and not the author's. */
    private static final String OPERATORS = """
        SELECT n.nspname || '.' || o.oprname
        FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
          JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode
        WHERE o.oprname = ANY (?::text[]) AND n.nspname <> 'pg_catalog'
          AND (p.provolatile = 'v' OR NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e'))
        ORDER BY 1 LIMIT 1
        """;

    /** Casts with a function that somebody has made: those that apply by themselves, and those to a type named. */
    private static final String CASTS = """
        SELECT n.nspname || '.' || p.proname
        FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_proc p ON p.oid = k.castfunc
          JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_type t ON t.oid = k.casttarget
        WHERE n.nspname <> 'pg_catalog' AND (k.castcontext = 'i' OR t.typname = ANY (?::text[]))
          AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = k.oid AND d.deptype = 'e')
        ORDER BY 1 LIMIT 1
        """;

    private Harmless() {}

    /** Why the question is better not asked; empty: it may be. */
    static Optional<String> objection(Connection connection, Calls calls) throws SQLException {
        if (calls.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> function = first(connection, FUNCTIONS, calls.functions(), STEADY);
        if (function.isPresent()) {
            return function.map(name -> name.startsWith("pg_catalog.")
                    ? "the expression may call " + name
                            + ", which is not immutable: what it does or answers is not the same each time, so it is"
                            + " not run for a count"
                    : Asking.userWritten(name));
        }
        Optional<String> operator = first(connection, OPERATORS, calls.operators());
        return operator.isPresent()
                ? operator.map(name -> Asking.userWritten("operator " + name))
                : first(connection, CASTS, calls.types()).map(Asking::userWritten);
    }

    @SafeVarargs
    private static Optional<String> first(Connection connection, String sql, Collection<String>... names)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < names.length; i++) {
                statement.setArray(i + 1, connection.createArrayOf("text", names[i].toArray()));
            }
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
            }
        }
    }
}
