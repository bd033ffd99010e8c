package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A trigger that keeps the columns of a row in step, with its function; both out of sight of snapshots.
 *
 * @param key of the run and piece
 * @param which of the triggers of the piece
 * @param searchPath of the target, for what the body names
 */
record RowTrigger(QualifiedName table, String key, String which, Turn turn, List<String> searchPath) {
    /** What values look like as text, and which text is which value. */
    private static final List<String> CONVERSION_SETTINGS =
            List.of("TimeZone", "DateStyle", "IntervalStyle", "extra_float_digits", "bytea_output");

    RowTrigger {
        searchPath = List.copyOf(searchPath);
    }

    /** Triggers fire in the order of their names (PostgreSQL documentation, 37.1). */
    enum Turn {
        /** Before those of the application, so that they see what it wrote under either name. */
        FIRST("000_"),
        /** After those of the application, whatever they change. */
        LAST("zzz_");

        private final String prefix;

        Turn(String prefix) {
            this.prefix = prefix;
        }
    }

    /** @param body PL/pgSQL */
    String createFunction(String body) {
        return createFunction("", body);
    }

    /**
     * Converts for every application as the session that creates it does, whatever they have set: it is the one that fills
     * and compares. With the rights of the application all the same: what a conversion calls may be somebody else's, and be
     * replaced by something else while the trigger is there.
     */
    String createConverter(String body) {
        return createFunction(
                CONVERSION_SETTINGS.stream()
                        .map(setting -> " SET " + setting + " FROM CURRENT")
                        .collect(Collectors.joining()),
                body);
    }

    private String createFunction(String settings, String body) {
        return "CREATE OR REPLACE FUNCTION " + function() + "() RETURNS trigger LANGUAGE plpgsql SET search_path = "
                + path() + settings + " AS " + Sql.literal(Sql.COLUMNS_FIRST + body);
    }

    String create() {
        return create(name(), "INSERT OR UPDATE", "");
    }

    /** @param condition on NEW alone, that the function is called under: a call costs more than the rest of a small write */
    String createWhere(String condition) {
        return create(name(), "INSERT OR UPDATE", condition);
    }

    /**
     * For every row that is inserted, and for those updated that meet the condition. Two triggers, as only one of UPDATE
     * alone may look at OLD there (PostgreSQL documentation, CREATE TRIGGER).
     */
    List<String> createWhereUpdated(String condition) {
        return List.of(create(name(), "INSERT", ""), create(nameOnUpdate(), "UPDATE", condition));
    }

    private String create(String name, String events, String condition) {
        return "CREATE OR REPLACE TRIGGER " + name + " BEFORE " + events + " ON " + table.sql() + " FOR EACH ROW "
                + (condition.isEmpty() ? "" : "WHEN (" + condition + ") ") + "EXECUTE FUNCTION " + function() + "()";
    }

    /** Also where changes are replicated, which come by one name alone. */
    String always() {
        return always(name());
    }

    /** The second one of {@link #createWhereUpdated}. */
    String alwaysOnUpdate() {
        return always(nameOnUpdate());
    }

    private String always(String name) {
        return Sql.alter(table, "ENABLE ALWAYS TRIGGER " + name);
    }

    String drop() {
        return drop(name());
    }

    /** The second one of {@link #createWhereUpdated}. */
    String dropOnUpdate() {
        return drop(nameOnUpdate());
    }

    private String drop(String name) {
        return "DROP TRIGGER IF EXISTS " + name + " ON " + table.sql();
    }

    String dropFunction() {
        return "DROP FUNCTION IF EXISTS " + function() + "()";
    }

    private String name() {
        return Sql.quote(turn.prefix + Attic.resting(key, which));
    }

    private String nameOnUpdate() {
        return Sql.quote(turn.prefix + Attic.resting(key, which + "_on_update"));
    }

    private String function() {
        return Attic.SCHEMA + "." + Sql.quote(Attic.moved(key, which));
    }

    private String path() {
        return searchPath.isEmpty()
                ? "public"
                : searchPath.stream().map(Sql::quote).collect(Collectors.joining(", "));
    }
}
