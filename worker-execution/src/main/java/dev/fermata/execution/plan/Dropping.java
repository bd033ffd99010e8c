package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.Locale;
import java.util.Optional;

/** The statement that drops something that a piece has made. */
final class Dropping {
    private Dropping() {}

    /** Empty where there is none. */
    static Optional<Ranked> of(ObjectName name, String definition, Scene scene) {
        String kind = name.kind().toUpperCase(Locale.ROOT);
        return switch (name.kind()) {
            case "comment on" -> Optional.of(Ranked.of(5, comment(name) + " IS NULL"));
            case "publication" -> Optional.of(publication(name));
            case "event trigger" -> drop(20, kind, name);
            case "policy", "trigger", "rule" ->
                Optional.of(Ranked.of(30, "DROP " + kind + " " + Sql.quote(name.name()) + " ON " + name.table()));
            case "view", "materialized view", "foreign table" -> drop(50, kind, name);
            case "constraint" -> constraint(name, definition, scene);
            case "index" -> index(name, definition, scene);
            case "statistics" -> drop(65, kind, name);
            case "column" -> column(name, scene);
            case "sequence" -> sequence(name, definition, scene);
            case "function", "procedure", "aggregate" -> routine(kind, name, scene);
            case "cast" -> Optional.of(Ranked.of(105, "DROP CAST (" + name.sql().replace(" as ", " AS ") + ")"));
            case "operator" -> drop(105, kind, name);
            case "type", "domain" -> toTheAttic(110, kind, name, "", scene);
            case "collation", "text search configuration", "text search dictionary" -> drop(110, kind, name);
            case "foreign server" -> drop(115, "SERVER", name);
            case "schema" -> drop(130, kind, name);
            case "extension" -> drop(140, kind, name);
            case "owner of", "grant on" -> Optional.of(Ranked.NOTHING); // goes with the object, or see Grants
            default -> Optional.empty();
        };
    }

    private static Optional<Ranked> drop(int rank, String kind, ObjectName name) {
        return Optional.of(Ranked.of(rank, "DROP " + kind + " " + name.sql()));
    }

    /** The snapshot writes the types of arguments only, which is what DROP and ALTER want. */
    private static Optional<Ranked> routine(String kind, ObjectName name, Scene scene) {
        String arguments = name.arguments();
        return toTheAttic(
                100, kind, name, kind.equals("AGGREGATE") && arguments.equals("()") ? "(*)" : arguments, scene);
    }

    /** One that belongs to a column cannot move without it (PostgreSQL documentation, ALTER SEQUENCE). */
    private static Optional<Ranked> sequence(ObjectName name, String definition, Scene scene) {
        Optional<Ranked> move = toTheAttic(95, "SEQUENCE", name, "", scene);
        return definition.contains(" owned by ")
                ? move.map(ranked -> ranked.after("ALTER SEQUENCE " + name.sql() + " OWNED BY NONE"))
                : move;
    }

    /** Tables and columns that rest may need it, so it rests with them. */
    private static Optional<Ranked> toTheAttic(int rank, String kind, ObjectName name, String arguments, Scene scene) {
        String moved = AtticNames.ofNew(scene).moved(name);
        QualifiedName own = new QualifiedName(name.schema(), name.name());
        QualifiedName inside = new QualifiedName(name.schema(), moved);
        QualifiedName resting = new QualifiedName(Attic.SCHEMA, moved);
        return Optional.of(Ranked.of(
                rank,
                "DROP " + kind + " IF EXISTS " + resting.sql() + arguments + " CASCADE", // of an earlier rollback
                "ALTER " + kind + " " + own.sql() + arguments + " RENAME TO " + Sql.quote(moved),
                "ALTER " + kind + " " + inside.sql() + arguments + " SET SCHEMA " + Attic.SCHEMA));
    }

    /** One that a partition has got from its parent goes with that, or stays when the partition is detached. */
    private static Optional<Ranked> index(ObjectName name, String definition, Scene scene) {
        int part = definition.indexOf("; part of ");
        if (part < 0) {
            return drop(60, "INDEX", name);
        }
        String parent = definition.substring(part + "; part of ".length()).split("; ", 2)[0];
        return scene.diff().added().containsKey("index " + parent)
                ? Optional.of(Ranked.NOTHING)
                : drop(210, "INDEX", name);
    }

    private static Optional<Ranked> constraint(ObjectName name, String definition, Scene scene) {
        if (name.parts().size() != 3) {
            return Optional.empty();
        }
        boolean foreign = definition.startsWith("FOREIGN KEY");
        QualifiedName owner =
                new QualifiedName(name.parts().get(0), name.parts().get(1));
        boolean ofDomain = scene.after().schema().relation(owner).isEmpty();
        return Optional.of(Ranked.of(
                foreign ? 55 : 70,
                (ofDomain ? "ALTER DOMAIN " : "ALTER TABLE ") + owner.sql() + " DROP CONSTRAINT IF EXISTS "
                        + Sql.quote(name.name())));
    }

    /** Rows that were written meanwhile have values in it: it is for the caller to keep them. */
    private static Optional<Ranked> column(ObjectName name, Scene scene) {
        return scene.diff().added().containsKey("view " + name.table())
                ? Optional.of(Ranked.NOTHING)
                : Optional.of(Ranked.of(80, "ALTER TABLE " + name.table() + " DROP COLUMN " + Sql.quote(name.name())));
    }

    static Ranked publication(ObjectName name) {
        int of = name.sql().indexOf(" of ");
        return of < 0
                ? Ranked.of(12, "DROP PUBLICATION " + name.sql())
                : Ranked.of(
                        10,
                        "ALTER PUBLICATION " + name.sql().substring(0, of) + " DROP TABLE "
                                + name.sql().substring(of + 4));
    }

    /** {@code comment on table column public.t.c} as {@code COMMENT ON COLUMN public.t.c}. */
    static String comment(ObjectName name) {
        String sql = name.sql();
        for (String kind :
                new String[] {"table column ", "view column ", "foreign table column ", "composite type column "}) {
            if (sql.startsWith(kind)) {
                return "COMMENT ON COLUMN " + sql.substring(kind.length());
            }
        }
        if (sql.startsWith("table constraint ")) {
            return "COMMENT ON CONSTRAINT " + sql.substring("table constraint ".length());
        }
        if (sql.startsWith("statistics object ")) {
            return "COMMENT ON STATISTICS " + sql.substring("statistics object ".length());
        }
        return "COMMENT ON " + sql;
    }
}
