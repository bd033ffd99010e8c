package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Relation;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The statement that makes something again that a piece has removed, from its definition in the snapshot. */
final class Recreating {
    private static final Pattern SEQUENCE = Pattern.compile(
            "as (\\S+) increment (\\S+) minimum (\\S+) maximum (\\S+) start (\\S+) cache (\\S+)( cycle)?( unlogged)?"
                    + "(?: owned by (.*))?");
    private static final Pattern OPTIONS = Pattern.compile("^options \\((.*?)\\); ");

    private static final int VIEW = 360;

    private Recreating() {}

    /** Empty where the snapshot does not tell enough. */
    static Optional<Ranked> of(ObjectName name, String definition, Scene scene) {
        return switch (name.kind()) {
            case "schema" -> Optional.of(Ranked.of(300, "CREATE SCHEMA " + name.sql()));
            case "extension" -> extension(name, definition);
            case "type" -> type(name, definition);
            case "domain" -> Optional.of(Ranked.of(316, "CREATE DOMAIN " + name.sql() + " AS " + definition));
            case "sequence" -> sequence(name, definition);
            case "function", "procedure" -> Optional.of(Ranked.of(325, definition.stripTrailing()));
            case "constraint" -> constraint(name, definition, scene);
            case "index" -> index(definition);
            case "statistics" -> Optional.of(Ranked.of(355, before(definition, ";")));
            case "view", "materialized view" -> view(name, definition, scene);
            case "rule" -> Optional.of(Ranked.of(370, before(definition, "; disabled")));
            case "trigger" -> Optional.of(trigger(name, definition));
            case "policy" ->
                Optional.of(Ranked.of(
                        380, "CREATE POLICY " + Sql.quote(name.name()) + " ON " + name.table() + " AS " + definition));
            case "publication" -> publication(name, definition);
            case "comment on" -> Optional.of(Ranked.of(390, Dropping.comment(name) + " IS " + Sql.literal(definition)));
            case "column" -> Optional.of(Ranked.NOTHING); // of a view, that comes with it
            case "owner of", "grant on" -> Optional.of(Ranked.NOTHING); // see Ownership
            default -> Optional.empty();
        };
    }

    private static String before(String text, String end) {
        int at = text.indexOf(end);
        return at < 0 ? text : text.substring(0, at);
    }

    private static Optional<Ranked> extension(ObjectName name, String definition) {
        Matcher matcher = Pattern.compile("version (.*) in schema (.*)").matcher(definition);
        return matcher.matches()
                ? Optional.of(Ranked.of(
                        305,
                        "CREATE EXTENSION " + name.sql() + " SCHEMA " + matcher.group(2) + " VERSION "
                                + Sql.literal(matcher.group(1))))
                : Optional.empty();
    }

    private static Optional<Ranked> type(ObjectName name, String definition) {
        if (definition.startsWith("enum (")) {
            return Optional.of(Ranked.of(315, "CREATE TYPE " + name.sql() + " AS ENUM " + definition.substring(5)));
        }
        return definition.startsWith("composite (")
                ? Optional.of(Ranked.of(315, "CREATE TYPE " + name.sql() + " AS " + definition.substring(10)))
                : Optional.empty();
    }

    static Optional<Ranked> sequence(ObjectName name, String definition) {
        Matcher matcher = SEQUENCE.matcher(definition);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String sql = "CREATE " + (matcher.group(8) == null ? "" : "UNLOGGED ") + "SEQUENCE " + name.sql() + " AS "
                + matcher.group(1) + " INCREMENT BY " + matcher.group(2) + " MINVALUE " + matcher.group(3)
                + " MAXVALUE "
                + matcher.group(4) + " START WITH " + matcher.group(5) + " CACHE " + matcher.group(6)
                + (matcher.group(7) == null ? "" : " CYCLE")
                + (matcher.group(9) == null ? "" : " OWNED BY " + matcher.group(9));
        return Optional.of(Ranked.of(320, sql));
    }

    private static Optional<Ranked> constraint(ObjectName name, String definition, Scene scene) {
        if (name.parts().size() != 3) {
            return Optional.empty();
        }
        QualifiedName owner =
                new QualifiedName(name.parts().get(0), name.parts().get(1));
        String what = scene.after().schema().relation(owner).isPresent() ? "ALTER TABLE " : "ALTER DOMAIN ";
        int rank = definition.startsWith("FOREIGN KEY") ? 365 : 340;
        return Optional.of(
                Ranked.of(rank, what + owner.sql() + " ADD CONSTRAINT " + Sql.quote(name.name()) + " " + definition));
    }

    private static Optional<Ranked> index(String definition) {
        if (definition.contains("; INVALID")) {
            return Optional.empty();
        }
        return definition.contains("; part of ")
                ? Optional.of(Ranked.NOTHING) // comes with the one that it is a part of
                : Optional.of(Ranked.of(362, before(definition, "; "))); // after views, of which it may be
    }

    static Optional<Ranked> view(ObjectName name, String definition, Scene scene) {
        return view(name, definition, scene, isPopulated(definition) ? "" : " WITH NO DATA");
    }

    /** A materialized view without its rows: reading them is not for a transaction that has locks of others. */
    static Optional<Ranked> emptyView(ObjectName name, String definition, Scene scene) {
        return view(name, definition, scene, " WITH NO DATA");
    }

    /** @param definition of a materialized view */
    static boolean isPopulated(String definition) {
        return !before(definition, "columns (").contains("not populated; ");
    }

    private static Optional<Ranked> view(ObjectName name, String definition, Scene scene, String data) {
        Optional<Relation> view = name.relation().flatMap(scene::relation);
        String query = view.map(Relation::query).orElse(null);
        if (query == null) {
            return Optional.empty();
        }
        Matcher options = OPTIONS.matcher(definition);
        String body = query.strip();
        body = body.endsWith(";") ? body.substring(0, body.length() - 1) : body;
        return Optional.of(Ranked.of(
                VIEW,
                "CREATE " + name.kind().toUpperCase(Locale.ROOT) + " " + name.sql()
                        + (options.find() ? " WITH (" + options.group(1) + ")" : "") + " AS " + body + data));
    }

    /**
     * A function that cannot be before a view is made again: among the views. What its text mentions is not looked at, as that
     * may come later still.
     */
    static Ranked functionOfView(String definition) {
        return Ranked.of(VIEW, "SET LOCAL check_function_bodies = off", definition.stripTrailing());
    }

    static Ranked trigger(ObjectName name, String definition) {
        String create = definition.replaceFirst("; (disabled|on replica|always)$", "");
        if (create.equals(definition)) {
            return Ranked.of(375, create);
        }
        String how = definition.endsWith("disabled")
                ? "DISABLE"
                : definition.endsWith("on replica") ? "ENABLE REPLICA" : "ENABLE ALWAYS";
        return Ranked.of(375, create, "ALTER TABLE " + name.table() + " " + how + " TRIGGER " + Sql.quote(name.name()));
    }

    static Optional<Ranked> publication(ObjectName name, String definition) {
        int of = name.sql().indexOf(" of ");
        if (of < 0) {
            return Optional.empty();
        }
        String rest = definition.replaceFirst("^published ?", "").replaceFirst("where ", "WHERE ");
        return Optional.of(Ranked.of(
                385,
                ("ALTER PUBLICATION " + name.sql().substring(0, of) + " ADD TABLE ONLY "
                                + name.sql().substring(of + 4) + " " + rest)
                        .strip()));
    }
}
