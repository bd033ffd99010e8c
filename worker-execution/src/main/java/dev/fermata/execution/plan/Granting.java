package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What takes back a GRANT or a REVOKE: what nobody had on the target before the change is revoked, and what they had there is
 * granted again. The empty copy has an owner of its own and no grants, so what the statement does there tells nothing.
 */
final class Granting {
    private static final Set<Privilege> OF_COLUMNS =
            EnumSet.of(Privilege.SELECT, Privilege.INSERT, Privilege.UPDATE, Privilege.REFERENCES);

    private final Scene scene;
    private final JsonNode node;
    private final boolean grants;
    private final boolean option;
    private final boolean cascade;
    private final List<String> sql = new ArrayList<>();

    private Granting(Scene scene, JsonNode node) {
        this.scene = scene;
        this.node = node;
        this.grants = node.path("is_grant").asBoolean();
        this.option = node.path("grant_option").asBoolean();
        this.cascade = node.path("behavior").asText().equals("DROP_CASCADE");
    }

    /** @param statement GRANT or REVOKE, of the piece or within it */
    static Undo undo(Scene scene, Statement statement) {
        return new Granting(scene, statement.node()).undo();
    }

    private Undo undo() {
        String type = node.path("objtype").asText();
        boolean all = node.path("targtype").asText().equals("ACL_TARGET_ALL_IN_SCHEMA");
        WrittenObjects written = new WrittenObjects(scene);
        for (JsonNode object : node.path("objects")) {
            List<Rights> meant = all
                    ? written.in(object.path("String").path("sval").asText(), type)
                    : written.one(type, object).stream().toList();
            if (meant.isEmpty() && !all) {
                return Undo.impossible("who had rights on what it names before is not known");
            }
            for (Rights rights : meant) {
                Optional<FormerRights> before = FormerRights.of(rights, scene);
                if (before.isEmpty() && !FormerRights.isMadeByIt(rights, scene)) {
                    return Undo.impossible("who had rights on " + rights.name() + " before is not known");
                }
                before.ifPresent(had -> takeBack(rights, had));
            }
        }
        return Undo.by(sql.toArray(String[]::new));
    }

    private void takeBack(Rights rights, FormerRights before) {
        JsonNode written = node.path("privileges");
        if (written.isEmpty()) {
            whole(rights, before, rights.kind().privileges(scene.majorVersion()));
        }
        for (JsonNode each : written) {
            JsonNode privilege = each.path("AccessPriv");
            List<String> columns = Sql.strings(privilege.path("cols"));
            Set<Privilege> all = columns.isEmpty() ? rights.kind().privileges(scene.majorVersion()) : OF_COLUMNS;
            Set<Privilege> meant = Privilege.named(privilege.path("priv_name").asText())
                    .map(Set::of)
                    .orElse(all);
            if (columns.isEmpty()) {
                whole(rights, before, meant);
            }
            columns.forEach(column -> takeBack(rights, " (" + Sql.quote(column) + ")", before.ofColumn(column), meant));
        }
    }

    /** REVOKE from a table revokes from its columns, too (PostgreSQL documentation, REVOKE). */
    private void whole(Rights rights, FormerRights before, Set<Privilege> meant) {
        AccessList had = before.list();
        takeBack(rights, "", had, meant);
        before.columns().stream()
                .filter(column -> isThere(rights, column))
                .forEach(column -> before.ofColumn(column).rights().stream()
                        .filter(right -> meant.contains(right.privilege()) && isRevokedBy(right, had, rights))
                        .forEach(right -> sql.add(right.grant(rights, " (" + Sql.quote(column) + ")"))));
    }

    /** An earlier piece may have put it to rest. */
    private boolean isThere(Rights rights, String column) {
        String identity = "column " + rights.name() + "." + Sql.quote(column);
        return scene.before().catalog().definition(identity).isPresent();
    }

    /** The statement does so, or what takes it back. */
    private boolean isRevokedBy(AccessList.Right ofColumn, AccessList ofTable, Rights rights) {
        boolean toRevoke = !grants || !ofTable.has(ofColumn.grantee(), ofColumn.privilege()) || option;
        return toRevoke && ((cascade && !grants) || grantees(rights).contains(ofColumn.grantee()));
    }

    private void takeBack(Rights rights, String columns, AccessList had, Set<Privilege> meant) {
        if (grants) {
            grantees(rights).forEach(grantee -> revoke(rights, columns, had, meant, grantee));
        } else {
            grantAgain(rights, columns, had, meant);
        }
    }

    private void revoke(Rights rights, String columns, AccessList had, Set<Privilege> meant, String grantee) {
        Set<Privilege> more = new TreeSet<>(meant);
        more.removeIf(privilege -> had.has(grantee, privilege));
        Set<Privilege> passed = new TreeSet<>(meant);
        passed.removeIf(privilege -> more.contains(privilege) || had.mayPassOn(grantee, privilege));
        revoke("", rights, columns, more, grantee);
        if (option) {
            revoke("GRANT OPTION FOR ", rights, columns, passed, grantee);
        }
    }

    /** CASCADE: whoever could pass it on may have done so since. */
    private void revoke(String what, Rights rights, String columns, Set<Privilege> privileges, String grantee) {
        if (!privileges.isEmpty()) {
            sql.add("REVOKE " + what
                    + privileges.stream().map(each -> each + columns).collect(Collectors.joining(", ")) + " ON "
                    + rights.on() + " FROM " + AccessList.role(grantee) + (option ? " CASCADE" : ""));
        }
    }

    private void grantAgain(Rights rights, String columns, AccessList had, Set<Privilege> meant) {
        List<String> grantees = grantees(rights);
        had.rights().stream()
                .filter(right -> meant.contains(right.privilege()))
                .filter(right -> cascade || grantees.contains(right.grantee()))
                .forEach(right -> sql.add(right.grant(rights, columns)));
    }

    /** Roles without quotes. */
    private List<String> grantees(Rights rights) {
        List<String> names = new ArrayList<>();
        for (JsonNode grantee : node.path("grantees")) {
            names.add(role(grantee.path("RoleSpec"), rights, scene));
        }
        return names;
    }

    /** CURRENT_USER is who owns the empty copy. */
    static String role(JsonNode spec, Rights rights, Scene scene) {
        return switch (spec.path("roletype").asText()) {
            case "ROLESPEC_PUBLIC" -> AccessList.PUBLIC;
            case "ROLESPEC_CSTRING" -> spec.path("rolename").asText();
            default ->
                rights.owner(scene.before().catalog())
                        .or(() -> rights.owner(scene.after().catalog()))
                        .orElseThrow();
        };
    }
}
