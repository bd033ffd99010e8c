package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.SECURITY;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.tree.AlterTable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Who may do more than before, and who may see what. */
final class SecurityRules {
    private static final Set<String> TRUSTED_LANGUAGES =
            Set.of("sql", "plpgsql", "plperl", "pltcl", "plv8", "internal");

    private static final Rule GRANT_TO_PUBLIC = Rule.named("grant-to-public", SECURITY)
            .severity(RiskLevel.MEDIUM)
            .what("A right is granted to PUBLIC: to every role of the server, also to those made later.")
            .why("Whoever gets any login can use it.")
            .safer("grant it to a role, and the role to those who need it.")
            .fires("GRANT SELECT ON orders TO PUBLIC")
            .passes("REVOKE SELECT ON orders FROM PUBLIC")
            .manual("ddl-priv.html")
            .when(subject -> grants(subject)
                    .filter(grant -> roles(grant).anyMatch(role -> role.equals("ROLESPEC_PUBLIC")))
                    .map(grant -> Hit.of("every role of the server gets it")));

    private static final Rule GRANT_ALL = Rule.named("grant-all", SECURITY)
            .severity(RiskLevel.LOW)
            .what("GRANT ALL gives rights that nobody has asked for, such as TRUNCATE and TRIGGER.")
            .why("A role that can make a trigger on a table runs its code with the rights of whoever writes to it.")
            .safer("name the rights: SELECT, INSERT, UPDATE, DELETE.")
            .fires("GRANT ALL ON orders TO CURRENT_USER")
            .passes("GRANT SELECT, INSERT ON orders TO CURRENT_USER")
            .manual("ddl-priv.html")
            .when(subject -> grants(subject)
                    .filter(grant -> grant.path("privileges").isEmpty()
                            && !grant.path("objtype").asText().equals("OBJECT_SCHEMA"))
                    .map(grant -> Hit.of("all rights are granted, not only those that are needed")));

    private static final Rule GRANT_OPTION = Rule.named("grant-option", SECURITY)
            .severity(RiskLevel.MEDIUM)
            .what("WITH GRANT OPTION lets the receiver pass the right on.")
            .why("Who has it in the end is no longer decided by the owner, and a REVOKE must say CASCADE.")
            .safer("leave it out.")
            .fires("GRANT SELECT ON orders TO CURRENT_USER WITH GRANT OPTION")
            .passes("GRANT SELECT ON orders TO CURRENT_USER")
            .manual("sql-grant.html")
            .when(subject -> grants(subject)
                    .filter(grant -> grant.path("grant_option").asBoolean())
                    .map(grant -> Hit.of("the receiver can pass the right on")));

    private static final Rule DEFAULT_PRIVILEGES = Rule.named("default-privileges-widened", SECURITY)
            .severity(RiskLevel.MEDIUM)
            .what("ALTER DEFAULT PRIVILEGES ... GRANT gives rights on what does not exist yet.")
            .why("Every later table is readable or writable for that role, whatever will be in it.")
            .safer("grant on each table when it is made.")
            .fires("ALTER DEFAULT PRIVILEGES IN SCHEMA archive GRANT SELECT ON TABLES TO PUBLIC")
            .passes("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
            .manual("sql-alterdefaultprivileges.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("AlterDefaultPrivilegesStmt")
                            && one.statement()
                                    .node()
                                    .path("action")
                                    .path("is_grant")
                                    .asBoolean())
                    .map(one -> Hit.of("objects that do not exist yet are granted")));

    private static final Rule SECURITY_DEFINER = Rule.named("security-definer-search-path", SECURITY)
            .severity(RiskLevel.HIGH)
            .what("A SECURITY DEFINER function without a search_path of its own runs what its caller puts in the way.")
            .why("The caller decides by search_path which table, function or operator a name means, and it runs"
                    + " with the rights of the function's owner.")
            .safer("SET search_path = pg_catalog, the schema it needs, pg_temp; or a body of BEGIN ATOMIC with"
                    + " qualified names.")
            .fires("CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM"
                    + " orders'")
            .passes("CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public,"
                    + " pg_temp AS 'SELECT count(*) FROM orders'")
            .passes("CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM orders'")
            .manual("sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("CreateFunctionStmt")
                            && option(one.statement().node().path("options"), "security")
                                    .filter(value -> value.path("Boolean")
                                            .path("boolval")
                                            .asBoolean())
                                    .isPresent()
                            && !setsSearchPath(one.statement().node().path("options")))
                    .map(one -> Hit.of("whoever calls it decides by search_path what its names mean")));

    private static final Rule PASSWORD_IN_SQL = Rule.named("password-in-sql", SECURITY)
            .severity(RiskLevel.CRITICAL)
            .what("A password stands in the text of the change.")
            .why("It is in the repository, in the messages, and in the log of the server.")
            .safer("set it with \\password, or give the SCRAM verifier; change the one that stands here.")
            .fires("CREATE ROLE app LOGIN PASSWORD 'secret'")
            .passes("CREATE ROLE app LOGIN PASSWORD NULL")
            .manual("sql-createrole.html")
            .notTried()
            .when(subject -> Stream.of(subject)
                    .filter(one ->
                            one.is("CreateRoleStmt") || one.is("AlterRoleStmt") || one.is("CreateUserMappingStmt"))
                    .filter(one -> option(one.statement().node().path("options"), "password")
                            .map(value -> value.path("String").path("sval").asText(""))
                            .filter(password -> !password.isEmpty()
                                    && !password.startsWith("SCRAM-SHA-256$")
                                    && !password.startsWith("md5"))
                            .isPresent())
                    .map(one -> Hit.of("a password stands in the text")));

    private static final Rule POWERFUL_ROLE = Rule.named("powerful-role", SECURITY)
            .severity(RiskLevel.HIGH)
            .what("A role gets SUPERUSER, BYPASSRLS, REPLICATION or CREATEROLE.")
            .why("It can read and change everything, or give itself the right to.")
            .safer("the predefined roles, such as pg_monitor or pg_read_all_data, or rights on single objects.")
            .fires("ALTER ROLE app BYPASSRLS")
            .passes("ALTER ROLE app NOBYPASSRLS")
            .manual("sql-createrole.html")
            .notTried()
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("CreateRoleStmt") || one.is("AlterRoleStmt"))
                    .flatMap(one -> Stream.of("superuser", "bypassrls", "isreplication", "createrole")
                            .filter(name -> option(one.statement().node().path("options"), name)
                                    .filter(value -> value.path("Boolean")
                                            .path("boolval")
                                            .asBoolean())
                                    .isPresent())
                            .limit(1)
                            .map(name -> Hit.of("the role gets "
                                    + name.replaceFirst("^is", "").toUpperCase(Locale.ROOT)))));

    private static final Rule DISABLE_ROW_SECURITY = Rule.named("disable-row-security", SECURITY)
            .severity(RiskLevel.HIGH)
            .what("DISABLE ROW LEVEL SECURITY shows every row to whoever may read the table.")
            .why("The policies stay, but nobody looks at them any more.")
            .safer("change the policy that is in the way.")
            .fires("ALTER TABLE customers DISABLE ROW LEVEL SECURITY")
            .passes("CREATE TABLE fresh (a int); ALTER TABLE fresh DISABLE ROW LEVEL SECURITY")
            .manual("ddl-rowsecurity.html")
            .when(subject -> ConstraintRules.alterOld(subject)
                    .flatMap(alter -> alter.commands("AT_DisableRowSecurity", "AT_NoForceRowSecurity")
                            .map(command -> Hit.of("the policies of " + alter.table() + " hold nobody back any more")
                                    .on(alter.table())
                                    .at(command.offset()))));

    private static final Rule POLICY_ALLOWS_ALL = Rule.named("policy-allows-all", SECURITY)
            .severity(RiskLevel.MEDIUM)
            .what("A permissive policy whose condition is true allows every row to those it is for.")
            .why("Permissive policies are joined by OR: this one makes all others of the table pointless.")
            .safer("say which rows, or make the others RESTRICTIVE.")
            .fires("CREATE POLICY open ON customers USING (true)")
            .passes("CREATE POLICY open ON customers AS RESTRICTIVE USING (true)")
            .passes("CREATE POLICY mine ON customers USING (region = 1)")
            .manual("sql-createpolicy.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("CreatePolicyStmt")
                            && one.statement().node().path("permissive").asBoolean()
                            && one.statement()
                                    .node()
                                    .path("qual")
                                    .path("A_Const")
                                    .path("boolval")
                                    .path("boolval")
                                    .asBoolean()
                            && roles(one.statement().node().path("roles"))
                                    .anyMatch(role -> role.equals("ROLESPEC_PUBLIC")))
                    .map(one -> Hit.of("every row passes for everybody")));

    private static final Rule OWNER_CHANGE = Rule.named("owner-change", SECURITY)
            .severity(RiskLevel.MEDIUM)
            .what("OWNER TO hands over who may change, drop and grant an object.")
            .why("The old owner loses it at once, migrations that run as the old owner included, and policies do"
                    + " not hold the new one back.")
            .safer("a role without login that owns, and of which both are members.")
            .fires("ALTER TABLE orders OWNER TO CURRENT_USER")
            .passes("CREATE TABLE fresh (a int); ALTER TABLE fresh OWNER TO CURRENT_USER")
            .manual("sql-altertable.html")
            .when(subject -> Stream.concat(
                    ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_ChangeOwner")
                            .map(command -> Hit.of(alter.table() + " gets another owner")
                                    .on(alter.table())
                                    .at(command.offset()))),
                    Stream.of(subject)
                            .filter(one -> one.is("AlterOwnerStmt"))
                            .map(one -> Hit.of("an object gets another owner"))));

    private static final Rule UNTRUSTED_LANGUAGE = Rule.named("untrusted-language", SECURITY)
            .severity(RiskLevel.HIGH)
            .what("A function in an untrusted language can do on the server whatever its system user can.")
            .why("Files, network and other processes are within its reach, for everybody who may call it.")
            .safer("SQL, PL/pgSQL or another trusted language; the rest in the application.")
            .fires("CREATE FUNCTION run() RETURNS int LANGUAGE plpython3u AS 'return 1'")
            .passes("CREATE FUNCTION run() RETURNS int LANGUAGE sql AS 'SELECT 1'")
            .manual("sql-createlanguage.html")
            .refused()
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("CreateFunctionStmt"))
                    .flatMap(one -> option(one.statement().node().path("options"), "language").stream())
                    .map(value -> value.path("String").path("sval").asText("").toLowerCase(Locale.ROOT))
                    .filter(language -> !language.isEmpty() && !TRUSTED_LANGUAGES.contains(language))
                    .map(language -> Hit.of("its language is " + language)));

    private static final Rule VIEW_BYPASSES_ROW_SECURITY = Rule.named("view-bypasses-row-security", SECURITY)
            .severity(RiskLevel.HIGH)
            .what("A view over a table with policies reads it with the rights of the view's owner.")
            .why("Whoever may read the view sees the rows that the policies hide from him.")
            .safer("CREATE VIEW ... WITH (security_invoker = true), since PostgreSQL 15.")
            .fires("ALTER TABLE customers ENABLE ROW LEVEL SECURITY; CREATE VIEW names AS SELECT name FROM customers")
            .passes("ALTER TABLE customers ENABLE ROW LEVEL SECURITY;"
                    + " CREATE VIEW names WITH (security_invoker = true) AS SELECT name FROM customers")
            .passes("CREATE VIEW names AS SELECT name FROM customers")
            .manual("sql-createview.html#SQL-CREATEVIEW-NOTES")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("ViewStmt")
                            && option(one.statement().node().path("options"), "security_invoker")
                                    .isEmpty())
                    .flatMap(one -> one.profile().locks().stream())
                    .map(lock -> lock.relation())
                    .filter(table -> hasRowSecurity(subject, table))
                    .limit(1)
                    .map(table -> Hit.of("the policies of " + table + " do not hold for readers of the view")));

    static final List<Rule> ALL = List.of(
            GRANT_TO_PUBLIC,
            GRANT_ALL,
            GRANT_OPTION,
            DEFAULT_PRIVILEGES,
            SECURITY_DEFINER,
            PASSWORD_IN_SQL,
            POWERFUL_ROLE,
            DISABLE_ROW_SECURITY,
            POLICY_ALLOWS_ALL,
            OWNER_CHANGE,
            UNTRUSTED_LANGUAGE,
            VIEW_BYPASSES_ROW_SECURITY);

    private SecurityRules() {}

    private static Stream<JsonNode> grants(Subject subject) {
        return subject.is("GrantStmt")
                        && subject.statement().node().path("is_grant").asBoolean()
                ? Stream.of(subject.statement().node())
                : Stream.empty();
    }

    private static Stream<String> roles(JsonNode holder) {
        JsonNode roles = holder.isArray() ? holder : holder.path("grantees");
        return roles.valueStream()
                .map(role -> role.path("RoleSpec").path("roletype").asText());
    }

    /** The argument of an option; a missing node for one without. */
    private static Optional<JsonNode> option(JsonNode options, String name) {
        return options.valueStream()
                .map(option -> option.path("DefElem"))
                .filter(option -> option.path("defname").asText().equalsIgnoreCase(name))
                .map(option -> option.path("arg"))
                .findFirst();
    }

    private static boolean setsSearchPath(JsonNode options) {
        return options.valueStream()
                .map(option -> option.path("DefElem").path("arg").path("VariableSetStmt"))
                .anyMatch(set -> set.path("name").asText().equals("search_path"));
    }

    private static boolean hasRowSecurity(Subject subject, WrittenName table) {
        boolean enabledHere = subject.statements().stream()
                .limit(subject.statement().index())
                .flatMap(statement -> AlterTable.of(statement).stream())
                .anyMatch(alter -> alter.table().in("public").equals(table.in("public"))
                        && alter.commands("AT_EnableRowSecurity").findAny().isPresent());
        return enabledHere
                || subject.relation(table)
                        .filter(relation -> relation.rowSecurity())
                        .isPresent();
    }
}
