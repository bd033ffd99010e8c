package dev.fermata.cli.client;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.context.Pooler;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Looks whether a target and our role there are as the workers need them. Only reads. */
final class TargetChecks {
    private static final int OLDEST_VERSION = 150_000;
    private static final int NAMED_TABLES = 5;
    private static final List<String> TOO_MIGHTY =
            List.of("pg_execute_server_program", "pg_read_server_files", "pg_write_server_files");

    private final TargetDatabase target;
    private final String role;
    private final String database;

    /** Whom the steps run as, as SQL that is a name: the user, or the target's role. */
    private String doer = "current_user";

    /** The same as an identifier. */
    private String doerName;

    private final List<Check> checks = new ArrayList<>();

    private TargetChecks(TargetDatabase target) {
        this.target = target;
        this.role = QualifiedName.quote(target.address().user());
        this.doerName = role;
        this.database = QualifiedName.quote(target.address().database());
    }

    /** @throws TargetException when it cannot be connected to */
    static List<Check> of(TargetDatabase target) {
        TargetChecks checks = new TargetChecks(target);
        try (Connection connection = target.open(Session.reader("fermata-check"))) {
            checks.look(connection);
        } catch (SQLException e) {
            throw TargetException.of("checking target '" + target.address().name() + "'", e);
        }
        return checks.checks;
    }

    private void look(Connection connection) throws SQLException {
        server(connection);
        direct(connection);
        attributes(connection);
        memberships(connection);
        ownersRole(connection);
        schemas(connection);
        tables(connection);
        extensions(connection);
        holder(connection);
    }

    private void server(Connection connection) throws SQLException {
        int version = Integer.parseInt(ask(connection, "SHOW server_version_num"));
        String text = "PostgreSQL " + ask(connection, "SHOW server_version") + " at "
                + target.address().host() + ":" + target.address().port() + "/"
                + target.address().database();
        checks.add(
                version >= OLDEST_VERSION
                        ? Check.well("reachable", text)
                        : Check.wrong("reachable", text + " (expected: 15 or newer)", null));
        boolean standby = ask(connection, "SELECT pg_is_in_recovery()").equals("t");
        checks.add(
                standby
                        ? Check.wrong("primary", "a standby, which cannot be changed (expected: the primary)", null)
                        : Check.well("primary", "can be written to"));
    }

    private void direct(Connection connection) throws SQLException {
        boolean direct = !Pooler.isBetween(connection);
        checks.add(
                direct
                        ? Check.well("direct connection", "no pooler in between")
                        : Check.wrong(
                                "direct connection",
                                "a pooler is in between, and locks of a session would not hold (expected: the server"
                                        + " itself)",
                                "targets." + target.address().name() + ".host and .port: name the server itself"));
    }

    private void attributes(Connection connection) throws SQLException {
        String sql =
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user";
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            notThis("not superuser", row.getBoolean("rolsuper"), "superuser", "NOSUPERUSER");
            notThis("no bypassrls", row.getBoolean("rolbypassrls"), "BYPASSRLS", "NOBYPASSRLS");
            notThis("no createrole", row.getBoolean("rolcreaterole"), "CREATEROLE", "NOCREATEROLE");
            boolean createdb = row.getBoolean("rolcreatedb") || row.getBoolean("rolsuper");
            checks.add(
                    createdb
                            ? Check.well("createdb", "can make clones for rehearsals")
                            : Check.wrong(
                                    "createdb",
                                    "cannot make clones for rehearsals",
                                    "ALTER ROLE " + role + " CREATEDB;"));
        }
    }

    private void notThis(String name, boolean has, String what, String without) {
        checks.add(
                has
                        ? Check.wrong(
                                name,
                                "the role has " + what + ", which is more than it needs",
                                "ALTER ROLE " + role + " " + without + ";")
                        : Check.well(name, "the role does not have it"));
    }

    private void memberships(Connection connection) throws SQLException {
        List<String> member = new ArrayList<>();
        boolean superuser = ask(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                .equals("t");
        for (String mighty : TOO_MIGHTY) {
            // A superuser counts as a member of everything; that it is one is told already.
            if (!superuser
                    && ask(connection, "SELECT pg_has_role(current_user, '" + mighty + "', 'MEMBER')")
                            .equals("t")) {
                member.add(mighty);
            }
        }
        checks.add(
                member.isEmpty()
                        ? Check.well("no server files", "member of no role that reaches the server's files or programs")
                        : Check.wrong(
                                "no server files",
                                "member of " + String.join(", ", member),
                                "REVOKE " + String.join(", ", member) + " FROM " + role + ";"));
    }

    /** Who acts as another role by a setting may not cancel what it runs itself. */
    private void itself(Connection connection) throws SQLException {
        String sql = "SELECT current_user <> session_user, current_user, session_user";
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            if (row.getBoolean(1)) {
                checks.add(Check.wrong(
                        "role",
                        "a setting makes user " + row.getString(3) + " act as role " + row.getString(2)
                                + " (expected: the role is named in the registry)",
                        "targets." + target.address().name() + ".role: " + row.getString(2)));
            }
        }
    }

    /** The role that the registry names for the target; what comes after is asked for it. */
    private void ownersRole(Connection connection) throws SQLException {
        String name = target.address().role();
        if (name == null) {
            itself(connection);
            return;
        }
        String quoted = QualifiedName.quote(name);
        boolean options = connection.getMetaData().getDatabaseMajorVersion() >= 16;
        String grant = options
                ? "GRANT " + quoted + " TO " + role + " WITH INHERIT TRUE, SET TRUE;"
                : "ALTER ROLE " + role + " INHERIT; GRANT " + quoted + " TO " + role + ";";
        String sql = "SELECT rolsuper OR rolbypassrls OR rolcreaterole, pg_has_role(current_user, oid, 'USAGE'),"
                + " pg_has_role(current_user, oid, '" + (options ? "SET" : "MEMBER") + "') FROM pg_roles"
                + " WHERE rolname = ?";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    checks.add(Check.wrong(
                            "role", "there is no role " + quoted, "CREATE ROLE " + quoted + " NOLOGIN; " + grant));
                    return;
                }
                checks.add(ownersRole(quoted, grant, row.getBoolean(1), row.getBoolean(2), row.getBoolean(3)));
            }
        }
        doer = "'" + name.replace("'", "''") + "'::name";
        doerName = quoted;
    }

    private Check ownersRole(String name, String grant, boolean mighty, boolean inherited, boolean settable) {
        if (mighty) {
            return Check.wrong(
                    "role",
                    name + " is superuser or has BYPASSRLS or CREATEROLE, which is more than it needs",
                    "ALTER ROLE " + name + " NOSUPERUSER NOBYPASSRLS NOCREATEROLE;");
        }
        if (!settable) {
            return Check.wrong("role", role + " may not act as " + name, grant);
        }
        return inherited
                ? Check.well("role", role + " may act as " + name)
                : Check.wrong("role", role + " may act as " + name + ", but does not inherit its rights", grant);
    }

    private void schemas(Connection connection) throws SQLException {
        boolean may = true;
        for (String schema : List.of("fermata", "fermata_attic")) {
            String sql = "SELECT CASE WHEN to_regnamespace('" + schema + "') IS NULL"
                    + " THEN has_database_privilege(" + doer + ", current_database(), 'CREATE')"
                    + " ELSE has_schema_privilege(" + doer + ", '" + schema + "', 'CREATE') END";
            may &= ask(connection, sql).equals("t");
        }
        boolean ours = ask(
                        connection,
                        "SELECT count(*) FROM pg_namespace WHERE nspname IN ('fermata', 'fermata_attic')"
                                + " AND pg_get_userbyid(nspowner) = current_user")
                .equals("2");
        checks.add(
                may
                        ? Check.well("own schemas", "may create or use fermata and fermata_attic")
                        : Check.wrong(
                                "own schemas",
                                "may not create or use fermata and fermata_attic",
                                ours
                                        ? giveToRole()
                                        : "GRANT CREATE ON DATABASE " + database + " TO " + doerName + ";"));
    }

    /** A sequence that a table owns belongs to the owner of the table. */
    private void tables(Connection connection) throws SQLException {
        String sql = """
            SELECT c.oid::regclass::text AS name, pg_get_userbyid(c.relowner) AS owner,
                pg_has_role(%s, c.relowner, 'USAGE') AS ours, o.rolsuper AS superusers
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
            WHERE c.relkind IN ('r', 'p', 'm', 'v', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            AND n.nspname !~ '^pg_(toast|temp)'
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                            AND (d.deptype = 'e' OR c.relkind = 'S' AND d.deptype IN ('a', 'i')))
            ORDER BY 1
            """.formatted(doer);
        int ours = 0;
        List<String> others = new ArrayList<>();
        List<String> owners = new ArrayList<>();
        List<String> superusers = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                if (rows.getBoolean("ours")) {
                    ours++;
                } else {
                    others.add(rows.getString("name"));
                    if (rows.getBoolean("superusers")) {
                        superusers.add(rows.getString("name"));
                    } else if (!owners.contains(rows.getString("owner"))) {
                        owners.add(rows.getString("owner"));
                    }
                }
            }
        }
        checks.add(
                others.isEmpty()
                        ? Check.well("tables", ours + " tables, views and sequences, all of them ours to change")
                        : Check.wrong(
                                "tables",
                                others.size() + " of " + (ours + others.size())
                                        + " tables, views and sequences belong to others: "
                                        + String.join(", ", others.subList(0, Math.min(NAMED_TABLES, others.size())))
                                        + (others.size() > NAMED_TABLES ? ", ..." : ""),
                                ownedByOthers(owners, superusers)));
    }

    /** Whether the role may make one in a clone shows only when it is tried: providers have ways of their own. */
    private void extensions(Connection connection) throws SQLException {
        String sql = """
            SELECT x.extname FROM pg_extension x
            JOIN pg_available_extension_versions v ON v.name = x.extname AND v.version = x.extversion
            WHERE v.superuser AND NOT v.trusted ORDER BY 1
            """;
        List<String> untrusted = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                untrusted.add(rows.getString(1));
            }
        }
        checks.add(Check.well(
                "extensions",
                untrusted.isEmpty()
                        ? "all of them can be made in a clone"
                        : "a clone may have to do without " + String.join(", ", untrusted)
                                + ", which not every role may make"));
    }

    /** What the user itself has is from before the registry named a role. Nobody should be a member of a superuser. */
    private String ownedByOthers(List<String> owners, List<String> superusers) {
        List<String> fixes = new ArrayList<>();
        String user = target.address().user();
        if (owners.contains(user)) {
            fixes.add(giveToRole());
        }
        List<String> others = owners.stream()
                .filter(owner -> !owner.equals(user))
                .map(QualifiedName::quote)
                .toList();
        if (!others.isEmpty()) {
            fixes.add("GRANT " + String.join(", ", others) + " TO " + doerName + ";");
        }
        superusers.forEach(name -> fixes.add("ALTER TABLE " + name + " OWNER TO " + doerName + ";"));
        return String.join(" ", fixes);
    }

    private String giveToRole() {
        return "REASSIGN OWNED BY " + role + " TO " + doerName + ";";
    }

    /** Whoever changes the database holds the advisory lock "fermata", in a session named after its order. */
    private void holder(Connection connection) throws SQLException {
        String sql = """
            SELECT DISTINCT a.pid, a.application_name FROM pg_stat_activity a
            JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                AND (l.classid::bigint << 32 | l.objid::bigint) = x'006665726d617461'::bigint
            WHERE a.datname = current_database() AND starts_with(a.application_name, 'fermata/') ORDER BY a.pid
            """;
        List<String> holders = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                holders.add(rows.getString("application_name") + " (pid " + rows.getInt("pid") + ")");
            }
        }
        checks.add(Check.well("held by", holders.isEmpty() ? "nobody" : String.join(", ", holders)));
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
