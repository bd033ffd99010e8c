package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Owners and grants, which an empty copy of a schema does not have: they are read from the target's own catalog, as access
 * control lists such as {@code app=arw/owner} (PostgreSQL documentation, 5.8, table 5.1).
 */
final class Ownership {
    private static final Map<Character, String> PRIVILEGES = Map.ofEntries(
            Map.entry('r', "SELECT"),
            Map.entry('a', "INSERT"),
            Map.entry('w', "UPDATE"),
            Map.entry('d', "DELETE"),
            Map.entry('D', "TRUNCATE"),
            Map.entry('x', "REFERENCES"),
            Map.entry('t', "TRIGGER"),
            Map.entry('m', "MAINTAIN"),
            Map.entry('U', "USAGE"),
            Map.entry('C', "CREATE"),
            Map.entry('X', "EXECUTE"));

    private Ownership() {}

    /** What gives a view or a function that is made again its owner and its grants. */
    static List<Ranked> again(ObjectName made, CatalogSnapshot target) {
        return made.is("function", "procedure", "aggregate") ? ofRoutine(made, target) : ofView(made, target);
    }

    /** A new one may be executed by its owner and by everybody; where there is a list, by those in it. */
    private static List<Ranked> ofRoutine(ObjectName routine, CatalogSnapshot target) {
        List<Ranked> sql = new ArrayList<>();
        String on = "ROUTINE " + routine.sql();
        Optional<String> owner =
                target.definition("owner of function " + routine.sql()).map(Sql::quote);
        owner.ifPresent(role -> sql.add(Ranked.of(395, "ALTER " + on + " OWNER TO " + role)));
        target.definition("grant on function " + routine.sql()).ifPresent(list -> {
            String those = owner.map(role -> "PUBLIC, " + role).orElse("PUBLIC");
            sql.add(Ranked.of(396, "REVOKE EXECUTE ON " + on + " FROM " + those));
            grants(on, "", list).forEach(grant -> sql.add(Ranked.of(396, grant)));
        });
        return sql;
    }

    private static List<Ranked> ofView(ObjectName view, CatalogSnapshot target) {
        List<Ranked> sql = new ArrayList<>();
        target.definition("owner of relation " + view.sql())
                .ifPresent(owner ->
                        sql.add(Ranked.of(395, "ALTER TABLE " + view.sql() + " OWNER TO " + Sql.quote(owner))));
        target.definition("grant on relation " + view.sql()).ifPresent(list -> grants("TABLE " + view.sql(), "", list)
                .forEach(grant -> sql.add(Ranked.of(396, grant))));
        target.definitions().forEach((identity, list) -> {
            if (identity.startsWith("grant on column " + view.sql() + ".")) {
                String column = identity.substring(("grant on column " + view.sql() + ".").length());
                grants("TABLE " + view.sql(), " (" + column + ")", list)
                        .forEach(grant -> sql.add(Ranked.of(396, grant)));
            }
        });
        return sql;
    }

    /**
     * What gives a column that takes the place of another its grants.
     *
     * @param column the other, quoted
     * @param to quoted
     */
    static List<String> ofColumn(QualifiedName table, String column, String to, CatalogSnapshot target) {
        return target.definition("grant on column " + table.sql() + "." + column)
                .map(list -> grants("TABLE " + table.sql(), " (" + to + ")", list))
                .orElse(List.of());
    }

    private static List<String> grants(String on, String columns, String list) {
        List<String> sql = new ArrayList<>();
        parse(list).forEach((grantee, letters) -> {
            boolean option = false;
            for (int i = 0; i < letters.length(); i++) {
                String privilege = PRIVILEGES.get(letters.charAt(i));
                option = i + 1 < letters.length() && letters.charAt(i + 1) == '*';
                if (privilege != null) {
                    sql.add("GRANT " + privilege + columns + " ON " + on + " TO " + grantee
                            + (option ? " WITH GRANT OPTION" : ""));
                }
            }
        });
        return sql;
    }

    /** Grantee, as SQL, to the letters of its privileges. */
    private static Map<String, String> parse(String list) {
        Map<String, String> grants = new LinkedHashMap<>();
        for (String item : list.split(", ")) {
            int equals = item.indexOf('=');
            int slash = item.lastIndexOf('/');
            if (equals >= 0 && slash > equals) {
                String grantee = equals == 0 ? "PUBLIC" : Sql.quote(Sql.unquoted(item.substring(0, equals)));
                grants.merge(grantee, item.substring(equals + 1, slash), String::concat);
            }
        }
        return grants;
    }

    /** GRANT: what it newly gave is revoked. REVOKE: what there was is granted again. */
    static Undo ofGrant(Scene scene) {
        JsonNode node = scene.statement().node();
        if (!scene.known()) {
            return Undo.impossible("what it does is not known");
        }
        boolean plain = node.path("targtype").asText().equals("ACL_TARGET_OBJECT");
        return node.path("is_grant").asBoolean()
                ? revoking(scene)
                : plain ? grantingAgain(scene) : Undo.impossible("it does not say from which objects it revokes");
    }

    private static Undo revoking(Scene scene) {
        List<String> sql = new ArrayList<>();
        Map<String, String> now = new TreeMap<>(scene.diff().added());
        scene.diff().changed().forEach((identity, change) -> now.put(identity, change.after()));
        for (Map.Entry<String, String> object : now.entrySet()) {
            ObjectName name = ObjectName.of(object.getKey());
            Optional<String> on = on(name);
            if (!name.is("grant on") || on.isEmpty()) {
                return Undo.impossible("no statement takes back what it does to " + object.getKey());
            }
            Map<String, String> was =
                    parse(scene.target().definition(object.getKey()).orElse(""));
            Map<String, String> before =
                    parse(scene.before().catalog().definition(object.getKey()).orElse(""));
            String columns = column(name);
            parse(object.getValue()).forEach((grantee, letters) -> {
                String had = was.getOrDefault(grantee, "") + before.getOrDefault(grantee, "");
                letters.chars().forEach(letter -> {
                    String privilege = PRIVILEGES.get((char) letter);
                    if (privilege != null && had.indexOf(letter) < 0 && !isOwner(scene, grantee)) {
                        sql.add("REVOKE " + privilege + columns + " ON " + on.get() + " FROM " + grantee);
                    }
                });
            });
        }
        return Undo.by(sql.toArray(String[]::new));
    }

    /** The owner has all privileges, whatever the list says. */
    private static boolean isOwner(Scene scene, String grantee) {
        return scene.before().catalog().definitions().entrySet().stream()
                .anyMatch(object -> object.getKey().startsWith("owner of ")
                        && object.getValue().equals(grantee));
    }

    private static String column(ObjectName grant) {
        return grant.sql().startsWith("column ") ? " (" + Sql.quote(grant.name()) + ")" : "";
    }

    private static Optional<String> on(ObjectName grant) {
        String sql = grant.sql();
        int space = sql.indexOf(' ');
        String kind = sql.substring(0, space);
        String object = sql.substring(space + 1);
        return switch (kind) {
            case "relation" -> Optional.of(object);
            case "column" -> Optional.of(object.substring(0, object.lastIndexOf('.')));
            case "schema", "function", "type" -> Optional.of(kind.toUpperCase(Locale.ROOT) + " " + object);
            default -> Optional.empty();
        };
    }

    private static Undo grantingAgain(Scene scene) {
        JsonNode node = scene.statement().node();
        boolean relations = node.path("objtype").asText().equals("OBJECT_TABLE");
        if (!relations) {
            return Undo.impossible("grants are put back for tables only");
        }
        List<String> sql = new ArrayList<>();
        for (JsonNode object : node.path("objects")) {
            QualifiedName table = Sql.relation(object.path("RangeVar"), scene);
            scene.target()
                    .definition("grant on relation " + table.sql())
                    .ifPresent(list -> sql.addAll(grants(table.sql(), "", list)));
        }
        return Undo.by(sql.toArray(String[]::new));
    }

    /** ALTER ... OWNER TO: back to whom it belongs on the target. */
    static Undo ofOwner(Scene scene) {
        List<String> sql = new ArrayList<>();
        for (String identity : scene.diff().changed().keySet()) {
            ObjectName name = ObjectName.of(identity);
            Optional<String> owner = scene.target().definition(identity);
            if (!name.is("owner of")) {
                continue;
            }
            if (owner.isEmpty()) {
                return scene.known() && scene.created().isEmpty()
                        ? Undo.impossible("who owns " + name.sql() + " now is not known")
                        : Undo.by(); // gone with what the change made
            }
            String object = name.sql().replaceFirst("^relation ", "TABLE ");
            int space = object.indexOf(' ');
            sql.add("ALTER " + object.substring(0, space).toUpperCase(Locale.ROOT) + object.substring(space)
                    + " OWNER TO " + Sql.quote(owner.get()));
        }
        return Undo.by(sql.toArray(String[]::new));
    }
}
