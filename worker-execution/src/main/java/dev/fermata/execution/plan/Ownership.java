package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Owners and grants, which an empty copy of a schema does not have: they are read from the target's own catalog. */
final class Ownership {
    private static final String[] MADE_AGAIN = {
        "view", "materialized view", "function", "procedure", "aggregate", "type", "domain", "schema"
    };

    private Ownership() {}

    /** Whether {@link #again} knows the kind. */
    static boolean isGivenBackTo(ObjectName made) {
        return made.is(MADE_AGAIN);
    }

    /**
     * What gives something that is made again its owner and its grants, and nobody any other. Nothing where the target has none
     * of that name: the change made it.
     */
    static List<Ranked> again(ObjectName made, CatalogSnapshot target) {
        Rights rights = new Rights(kind(made), made.sql());
        List<Ranked> sql = new ArrayList<>();
        rights.owner(target).ifPresent(owner -> {
            sql.add(Ranked.of(395, "ALTER " + rights.on() + " OWNER TO " + Sql.quote(owner)));
            sql.add(Ranked.of(396, rights.become(target)));
        });
        String columns = "grant on column " + made.sql() + ".";
        target.definitions().forEach((identity, list) -> {
            if (rights.kind() == Securable.TABLE && identity.startsWith(columns)) {
                String column = identity.substring(columns.length());
                ofColumn(rights, column, list).forEach(grant -> sql.add(Ranked.of(396, grant)));
            }
        });
        return sql;
    }

    private static Securable kind(ObjectName made) {
        return switch (made.kind()) {
            case "function", "procedure", "aggregate" -> Securable.ROUTINE;
            case "type", "domain" -> Securable.TYPE;
            case "schema" -> Securable.SCHEMA;
            default -> Securable.TABLE;
        };
    }

    /**
     * What gives a view by the old name of a table the table's owner, and just the rights that there are on the table.
     *
     * @param table by its new name
     */
    static List<String> ofView(QualifiedName view, QualifiedName table, Scene scene) {
        Rights rights = new Rights(Securable.TABLE, view.sql());
        List<String> sql = new ArrayList<>();
        new Rights(Securable.TABLE, scene.onTarget(view.sql()))
                .owner(scene.target())
                .ifPresent(owner -> sql.add("ALTER " + rights.on() + " OWNER TO " + Sql.quote(owner)));
        sql.add(rights.become(new Rights(Securable.TABLE, table.sql()).list()));
        return sql;
    }

    /**
     * What gives a column that takes the place of another its grants.
     *
     * @param column the other, quoted
     * @param to quoted
     */
    static List<String> ofColumn(QualifiedName table, String column, String to, Scene scene) {
        if (scene.isNew(table)) {
            return List.of();
        }
        return scene.target()
                .definition("grant on column " + scene.onTarget(table.sql()) + "." + column)
                .map(list -> ofColumn(new Rights(Securable.TABLE, table.sql()), to, list))
                .orElse(List.of());
    }

    /** What gives a column that has rested its grants: a REVOKE from the table meant it, too. */
    static List<String> ofColumn(ObjectName column, Scene scene) {
        String quoted = Sql.quote(column.name());
        return column.relation()
                .map(table -> ofColumn(table, quoted, quoted, scene))
                .orElse(List.of());
    }

    private static List<String> ofColumn(Rights table, String column, String list) {
        return AccessList.parse(list).rights().stream()
                .map(right -> right.grant(table, " (" + column + ")"))
                .toList();
    }

    /**
     * What takes back OWNER TO, of which a statement may have several: to whom it belongs on the target. Who becomes the owner
     * of what he has rights on has them as its owner then, so they are granted again.
     */
    static Undo ofOwner(Scene scene, Statement statement) {
        JsonNode node = statement.node();
        if (statement.kind().equals("AlterOwnerStmt")) {
            String type = node.path("objectType").asText();
            return back(scene, new WrittenObjects(scene).one(type, node.path("object")), node.path("newowner"));
        }
        Undo undo = Undo.by();
        for (JsonNode command : node.path("cmds")) {
            JsonNode alter = command.path("AlterTableCmd");
            if (alter.path("subtype").asText().equals("AT_ChangeOwner")) {
                QualifiedName relation = Sql.relation(node.path("relation"), scene);
                Rights rights = new WrittenObjects(scene).relation(relation.sql());
                undo = Undo.both(undo, back(scene, Optional.of(rights), alter.path("newowner")));
            }
        }
        return undo;
    }

    private static Undo back(Scene scene, Optional<Rights> object, JsonNode newOwner) {
        Optional<FormerRights> former = object.flatMap(rights -> FormerRights.of(rights, scene));
        if (former.isEmpty()) {
            return object.filter(rights -> FormerRights.isMadeByIt(rights, scene))
                            .isPresent()
                    ? Undo.by()
                    : Undo.impossible("to whom it belongs now is not known");
        }
        if (!former.get().ofTarget()) {
            return Undo.by(); // gone with what the change made
        }
        Rights rights = object.orElseThrow();
        String owner = former.get().owner();
        String then = Granting.role(newOwner, rights, scene);
        List<String> sql = new ArrayList<>();
        sql.add("ALTER " + rights.on() + " OWNER TO " + Sql.quote(owner));
        if (!then.equals(owner)) {
            grants(rights, "", former.get().list(), then).forEach(sql::add);
            for (String column : former.get().columns()) {
                AccessList list = former.get().ofColumn(column);
                String columns = " (" + Sql.quote(column) + ")";
                notOfOwner(rights, columns, list, then, owner).forEach(sql::add);
                grants(rights, columns, list, then).forEach(sql::add);
            }
        }
        return Undo.by(sql.toArray(String[]::new));
    }

    private static Stream<String> grants(Rights rights, String columns, AccessList list, String grantee) {
        return list.rights().stream()
                .filter(right -> right.grantee().equals(grantee))
                .map(right -> right.grant(rights, columns));
    }

    /** What the new owner had on a column becomes the old owner's with the rest, who had it by the table. */
    private static Stream<String> notOfOwner(
            Rights rights, String columns, AccessList list, String newOwner, String owner) {
        return list.rights().stream()
                .filter(right -> right.grantee().equals(newOwner) && !list.has(owner, right.privilege()))
                .map(right -> "REVOKE " + right.privilege() + columns + " ON " + rights.on() + " FROM "
                        + AccessList.role(owner));
    }
}
