package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Options of CREATE DATABASE: encoding and locale of another one, and who owns it. */
public final class DatabaseOptions {
    /** The catalog's columns for the locale differ from 15 to 18. */
    private static final String OPTIONS = """
        SELECT format('ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_encoding_to_char(d.encoding), d.datcollate, d.datctype)
          || CASE d.datlocprovider
               WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(j ->> 'datlocale', j ->> 'daticulocale'))
               WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', j ->> 'datlocale')
               ELSE ' LOCALE_PROVIDER libc' END
        FROM pg_database d CROSS JOIN LATERAL to_jsonb(d) j WHERE d.datname = current_database()
        """;

    private DatabaseOptions() {}

    /** With a space in front; empty for null: whoever makes it. */
    public static String owner(@Nullable String role) {
        return role == null ? "" : " OWNER " + QualifiedName.quote(role);
    }

    /** Encoding and locale of the current database. */
    public static String of(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(OPTIONS);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }
}
