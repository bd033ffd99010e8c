package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.SafeMessage;
import java.util.ArrayList;
import java.util.List;

/** Reads names out of parse trees as libpg_query prints them, and writes names and texts into SQL. */
final class Sql {
    /** For PL/pgSQL that names columns of a table: they may be called like one of its variables, such as FOUND. */
    static final String COLUMNS_FIRST = "#variable_conflict use_column ";

    private Sql() {}

    /** A RangeVar. */
    static QualifiedName relation(JsonNode rangeVar, Scene scene) {
        return scene.named(
                rangeVar.path("schemaname").asText(""), rangeVar.path("relname").asText());
    }

    static List<String> strings(JsonNode list) {
        List<String> strings = new ArrayList<>();
        for (JsonNode item : list) {
            strings.add(item.path("String").path("sval").asText());
        }
        return strings;
    }

    static String quote(String identifier) {
        return QualifiedName.quote(identifier);
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /**
     * Something that must not be found.
     *
     * @param query finds it
     * @param message for people
     */
    record Check(String query, String message) {}

    /** A statement that fails where the check finds something. */
    static String raise(Check check) {
        return "DO "
                + literal(COLUMNS_FIRST + "BEGIN IF EXISTS (" + check.query() + ") THEN RAISE EXCEPTION "
                        + literal(check.message().replace("%", "%%")) + " USING ERRCODE = "
                        + literal(SafeMessage.RAISED_BY_A_PLAN) + "; END IF; END");
    }

    /** An identifier as it stands in SQL, without its quotes. */
    static String unquoted(String sql) {
        return sql.startsWith("\"") ? sql.substring(1, sql.length() - 1).replace("\"\"", "\"") : sql;
    }

    /** Byte by byte: values that are equal for the server may still be others (PostgreSQL documentation, 9.25.6). */
    static String differ(String one, String other) {
        return "(ROW(" + one + ")::record *<> ROW(" + other + ")::record)";
    }

    static String alter(QualifiedName table, String what) {
        return "ALTER TABLE " + table.sql() + " " + what;
    }
}
