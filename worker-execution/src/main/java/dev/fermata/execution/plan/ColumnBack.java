package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What gives a column its old definition again. */
final class ColumnBack {
    private final String alter;
    private final Column before;
    private final Column after;
    private final List<String> sql = new ArrayList<>();

    private ColumnBack(String alter, Column before, Column after) {
        this.alter = alter;
        this.before = before;
        this.after = after;
    }

    /** Empty where there is no statement for it. */
    static Optional<List<String>> of(ObjectName name, CatalogDiff.Change change, Scene scene) {
        Optional<Column> before =
                name.relation().flatMap(scene::relation).flatMap(relation -> relation.column(name.name()));
        Optional<Relation> later = name.relation().flatMap(scene.after().schema()::relation);
        Optional<Column> after = later.flatMap(relation -> relation.column(name.name()));
        if (before.isEmpty() || after.isEmpty()) {
            return Optional.empty();
        }
        String alter = "ALTER TABLE " + name.table() + " ALTER COLUMN " + Sql.quote(name.name()) + " ";
        ColumnBack back = new ColumnBack(alter, before.get(), after.get());
        if (!back.generation()) {
            return Optional.empty();
        }
        back.identityGoes();
        back.typeAndDefault();
        back.notNull();
        back.identityChanges();
        back.sql.addAll(settings(alter, change));
        return Optional.of(back.sql);
    }

    private boolean generation() {
        if (before.generated() != after.generated()) {
            return false;
        }
        if (before.generated() != Column.Generated.NO
                && !Objects.equals(before.defaultExpression(), after.defaultExpression())) {
            sql.add(alter + "SET EXPRESSION AS (" + before.defaultExpression() + ")");
        }
        return before.identity() == Column.Identity.NO || after.identity() != Column.Identity.NO;
    }

    private void identityGoes() {
        if (before.identity() == Column.Identity.NO && after.identity() != Column.Identity.NO) {
            sql.add(alter + "DROP IDENTITY");
        }
    }

    private void typeAndDefault() {
        boolean type = !before.type().equals(after.type()) || !Objects.equals(before.collation(), after.collation());
        boolean value = before.generated() == Column.Generated.NO
                && !Objects.equals(before.defaultExpression(), after.defaultExpression());
        if (type && after.generated() == Column.Generated.NO && after.defaultExpression() != null) {
            sql.add(alter + "DROP DEFAULT");
            value = true;
        }
        if (type) {
            sql.add(alter + "TYPE " + before.type()
                    + (before.collation() == null ? "" : " COLLATE " + before.collation()) + " USING "
                    + Sql.quote(before.name()) + "::" + before.type());
        }
        if (value) {
            String expression = before.defaultExpression();
            sql.add(alter + (expression == null ? "DROP DEFAULT" : "SET DEFAULT " + expression));
        }
    }

    private void notNull() {
        if (before.notNull() && !after.notNull()) {
            sql.add(alter + "SET NOT NULL");
        } else if (!before.notNull() && after.notNull()) {
            sql.add(alter + "DROP NOT NULL");
        }
    }

    private void identityChanges() {
        if (before.identity() != Column.Identity.NO && before.identity() != after.identity()) {
            sql.add(alter + "SET GENERATED " + (before.identity() == Column.Identity.ALWAYS ? "ALWAYS" : "BY DEFAULT"));
        }
    }

    /**
     * Those that are no part of its type.
     *
     * @param alter {@code ALTER TABLE t ALTER COLUMN c} and a space
     * @param change from what is wanted to what is there
     */
    static List<String> settings(String alter, CatalogDiff.Change change) {
        List<String> sql = new ArrayList<>();
        set(change, "storage (\\w+)", alter + "SET STORAGE ", "DEFAULT", sql);
        set(change, "compression (\\w+)", alter + "SET COMPRESSION ", "default", sql);
        set(change, "statistics (\\d+)", alter + "SET STATISTICS ", "-1", sql);
        String was = Changing.part("; " + optionsOf(change.before()), "options");
        String is = Changing.part("; " + optionsOf(change.after()), "options");
        if (!was.equals(is)) {
            sql.add(was.isEmpty() ? alter + "RESET (" + Changing.names(is) + ")" : alter + "SET (" + was + ")");
        }
        return sql;
    }

    private static String optionsOf(String definition) {
        Matcher matcher = Pattern.compile("options \\([^)]*\\)").matcher(definition);
        return matcher.find() ? matcher.group() : "";
    }

    private static void set(CatalogDiff.Change change, String pattern, String set, String usual, List<String> sql) {
        String was = find(pattern, change.before());
        String is = find(pattern, change.after());
        if (!was.equals(is)) {
            sql.add(set + (was.isEmpty() ? usual : was));
        }
    }

    private static String find(String pattern, String definition) {
        Matcher matcher = Pattern.compile(" " + pattern + "(?: |$)").matcher(definition);
        return matcher.find() ? matcher.group(1) : "";
    }
}
