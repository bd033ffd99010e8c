package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The statements that give something its old definition again. */
final class Changing {
    /** After what is dropped, before what is made again. */
    static final int RANK = 200;

    private static final Pattern SEQUENCE_OPTIONS = Pattern.compile(
            "as (\\S+) increment (\\S+) minimum (\\S+) maximum (\\S+) start (\\S+) cache (\\S+)( cycle)?.*?"
                    + "(?: owned by (.*))?");

    private Changing() {}

    /** Empty where there are none. */
    static Optional<List<String>> of(ObjectName name, CatalogDiff.Change change, Scene scene) {
        return switch (name.kind()) {
            case "column" -> ColumnBack.of(name, change, scene);
            case "table" -> TableBack.of(name, change, scene);
            case "view", "materialized view" -> view(name, change, scene);
            case "function", "procedure" -> function(name, change);
            case "comment on" -> one(Dropping.comment(name) + " IS " + Sql.literal(change.before()));
            case "sequence" -> sequence(name, change);
            case "domain" -> domain(name, change);
            case "index" -> index(change);
            case "constraint" -> constraint(name, change, scene);
            case "trigger" -> trigger(name, change, scene);
            case "policy", "rule", "statistics" -> again(name, change, scene);
            case "extension" -> Optional.empty();
            case "owner of", "grant on" -> Optional.of(List.of()); // see Ownership
            default -> Optional.empty();
        };
    }

    private static Optional<List<String>> one(String sql) {
        return Optional.of(List.of(sql));
    }

    private static Optional<List<String>> again(ObjectName name, CatalogDiff.Change change, Scene scene) {
        Optional<Ranked> drop = Dropping.of(name, change.after(), scene);
        Optional<Ranked> make = Recreating.of(name, change.before(), scene);
        if (drop.isEmpty() || make.isEmpty()) {
            return Optional.empty();
        }
        List<String> sql = new ArrayList<>(drop.get().sql());
        sql.addAll(make.get().sql());
        return Optional.of(sql);
    }

    /** OR REPLACE, unless the view has got columns that it cannot lose; then nothing may depend on it. */
    private static Optional<List<String>> view(ObjectName name, CatalogDiff.Change change, Scene scene) {
        Optional<Ranked> make = Recreating.view(name, change.before(), scene);
        if (make.isEmpty()) {
            return Optional.empty();
        }
        boolean sameColumns = part(change.before(), "columns").equals(part(change.after(), "columns"));
        if (name.is("view") && sameColumns) {
            List<String> sql = new ArrayList<>();
            if (part(change.before(), "options").isEmpty()
                    && !part(change.after(), "options").isEmpty()) {
                sql.add("ALTER VIEW " + name.sql() + " RESET (" + names(part(change.after(), "options")) + ")");
            }
            make.get().sql().forEach(create -> sql.add(create.replaceFirst("^CREATE VIEW", "CREATE OR REPLACE VIEW")));
            return Optional.of(sql);
        }
        Optional<Relation> view =
                name.relation().flatMap(v -> scene.after().schema().relation(v));
        boolean alone = view.isPresent()
                && scene.after().schema().dependants(view.get().name()).isEmpty()
                && view.get().triggers().isEmpty()
                && view.get().indexes().isEmpty()
                && !scene.hasComment(name);
        return alone ? again(name, change, scene) : Optional.empty();
    }

    /** {@code a, b} of {@code options (a, b); ...}. */
    static String part(String definition, String what) {
        Matcher matcher = Pattern.compile("(?:^|; )" + Pattern.quote(what) + " \\((.*?)\\)(?:;|$)")
                .matcher(definition);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** {@code a, b} of {@code a=1, b=2}. */
    static String names(String options) {
        return options.replaceAll("=[^,]*", "");
    }

    private static Optional<List<String>> function(ObjectName name, CatalogDiff.Change change) {
        String before = change.before();
        String result = returns(before);
        return result.equals(returns(change.after()))
                ? one(before.stripTrailing())
                : Optional.of(List.of(
                        "DROP " + name.kind().toUpperCase(java.util.Locale.ROOT) + " " + name.sql(),
                        before.stripTrailing()));
    }

    private static String returns(String definition) {
        Matcher matcher = Pattern.compile("\\n RETURNS (.*)\\n").matcher(definition);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static Optional<List<String>> sequence(ObjectName name, CatalogDiff.Change change) {
        Matcher before = SEQUENCE_OPTIONS.matcher(change.before());
        Matcher after = SEQUENCE_OPTIONS.matcher(change.after());
        if (!before.matches() || !after.matches()) {
            return Optional.empty();
        }
        List<String> sql = new ArrayList<>();
        sql.add("ALTER SEQUENCE " + name.sql() + " AS " + before.group(1) + " INCREMENT BY " + before.group(2)
                + " MINVALUE " + before.group(3) + " MAXVALUE " + before.group(4) + " START WITH " + before.group(5)
                + " CACHE " + before.group(6) + (before.group(7) == null ? " NO CYCLE" : " CYCLE"));
        String owner = before.group(8);
        if (!java.util.Objects.equals(owner, after.group(8))) {
            sql.add("ALTER SEQUENCE " + name.sql() + " OWNED BY " + (owner == null ? "NONE" : owner));
        }
        return Optional.of(sql);
    }

    private static Optional<List<String>> domain(ObjectName name, CatalogDiff.Change change) {
        String before = change.before();
        String after = change.after();
        List<String> sql = new ArrayList<>();
        if (before.contains(" not null") != after.contains(" not null")) {
            sql.add("ALTER DOMAIN " + name.sql() + (before.contains(" not null") ? " SET" : " DROP") + " NOT NULL");
        }
        String was = expression(before);
        if (!was.equals(expression(after))) {
            sql.add("ALTER DOMAIN " + name.sql() + (was.isEmpty() ? " DROP DEFAULT" : " SET DEFAULT " + was));
        }
        return Optional.of(sql);
    }

    private static String expression(String domain) {
        int at = domain.indexOf(" default ");
        return at < 0 ? "" : domain.substring(at + " default ".length());
    }

    private static Optional<List<String>> index(CatalogDiff.Change change) {
        String before = withoutParent(change.before());
        String after = withoutParent(change.after());
        if (before.equals(after)) {
            return Optional.of(List.of()); // a partition came or went
        }
        boolean clustered = after.contains("; clustered on") && !before.contains("; clustered on");
        String rest = after.replace("; clustered on", "");
        return clustered && rest.equals(before)
                ? one("ALTER TABLE " + before.replaceFirst("(?s)^.*? ON (?:ONLY )?(\\S+) .*$", "$1")
                        + " SET WITHOUT CLUSTER")
                : Optional.empty();
    }

    private static String withoutParent(String definition) {
        return definition.replaceFirst("; part of [^;]*", "");
    }

    /** A constraint that was validated becomes NOT VALID again, in one statement so that it is never missing. */
    private static Optional<List<String>> constraint(ObjectName name, CatalogDiff.Change change, Scene scene) {
        if (name.parts().size() != 3 || name.relation().flatMap(scene::relation).isEmpty()) {
            return Optional.empty();
        }
        String constraint = Sql.quote(name.name());
        String before = change.before();
        if (before.startsWith("FOREIGN KEY") && atOnce(before).equals(atOnce(change.after()))) {
            return one("ALTER TABLE " + name.table() + " ALTER CONSTRAINT " + constraint + deferral(before));
        }
        return one("ALTER TABLE " + name.table() + " DROP CONSTRAINT " + constraint + ", ADD CONSTRAINT " + constraint
                + " " + change.before());
    }

    private static String atOnce(String foreignKey) {
        return foreignKey.replaceFirst(" DEFERRABLE", "").replaceFirst(" INITIALLY DEFERRED", "");
    }

    private static String deferral(String foreignKey) {
        return !foreignKey.contains(" DEFERRABLE")
                ? " NOT DEFERRABLE"
                : " DEFERRABLE INITIALLY " + (foreignKey.contains(" INITIALLY DEFERRED") ? "DEFERRED" : "IMMEDIATE");
    }

    private static Optional<List<String>> trigger(ObjectName name, CatalogDiff.Change change, Scene scene) {
        String before = change.before().replaceFirst("; (disabled|on replica|always)$", "");
        String after = change.after().replaceFirst("; (disabled|on replica|always)$", "");
        if (!before.equals(after)) {
            return again(name, change, scene);
        }
        String how = change.before().endsWith("; disabled")
                ? "DISABLE"
                : change.before().endsWith("; on replica")
                        ? "ENABLE REPLICA"
                        : change.before().endsWith("; always") ? "ENABLE ALWAYS" : "ENABLE";
        return one("ALTER TABLE " + name.table() + " " + how + " TRIGGER " + Sql.quote(name.name()));
    }
}
