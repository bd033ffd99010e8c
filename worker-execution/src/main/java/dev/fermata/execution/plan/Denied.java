package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.Expressions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What may not be part of a change, and why. It is advice for authors, found in the parse tree; the rights of the role that
 * runs the steps are the wall.
 */
final class Denied {
    private static final String SESSION = "steps run in sessions of their own, so it would have no effect on them";
    private static final String BEYOND = "it reaches beyond the schema of one database";
    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry("TransactionStmt", "every step has a transaction of its own; leave BEGIN, COMMIT and so on out"),
            Map.entry("AlterSystemStmt", BEYOND),
            Map.entry("LoadStmt", BEYOND),
            Map.entry("CreateRoleStmt", BEYOND),
            Map.entry("AlterRoleStmt", BEYOND),
            Map.entry("AlterRoleSetStmt", BEYOND),
            Map.entry("DropRoleStmt", BEYOND),
            Map.entry("GrantRoleStmt", BEYOND),
            Map.entry("DropOwnedStmt", BEYOND),
            Map.entry("ReassignOwnedStmt", BEYOND),
            Map.entry("CreateEventTrigStmt", "it would run at every later change, those of Fermata included"),
            Map.entry("AlterEventTrigStmt", "it would run at every later change, those of Fermata included"),
            Map.entry("CreateSubscriptionStmt", BEYOND),
            Map.entry("AlterSubscriptionStmt", BEYOND),
            Map.entry("DropSubscriptionStmt", BEYOND),
            Map.entry("CreateForeignServerStmt", BEYOND),
            Map.entry("AlterForeignServerStmt", BEYOND),
            Map.entry("CreateUserMappingStmt", BEYOND),
            Map.entry("AlterUserMappingStmt", BEYOND),
            Map.entry("DropUserMappingStmt", BEYOND),
            Map.entry("CreateTableSpaceStmt", BEYOND),
            Map.entry("DropTableSpaceStmt", BEYOND),
            Map.entry("AlterTableSpaceOptionsStmt", BEYOND),
            Map.entry("CreatedbStmt", BEYOND),
            Map.entry("DropdbStmt", BEYOND),
            Map.entry("AlterDatabaseStmt", BEYOND),
            Map.entry("AlterDatabaseSetStmt", BEYOND),
            Map.entry("CopyStmt", "rows come with INSERT, or from outside of a change"),
            Map.entry("VariableSetStmt", SESSION),
            Map.entry("VariableShowStmt", SESSION),
            Map.entry("DiscardStmt", SESSION),
            Map.entry("ConstraintsSetStmt", SESSION),
            Map.entry("PrepareStmt", SESSION),
            Map.entry("ExecuteStmt", SESSION),
            Map.entry("DeallocateStmt", SESSION),
            Map.entry("DeclareCursorStmt", SESSION),
            Map.entry("FetchStmt", SESSION),
            Map.entry("ClosePortalStmt", SESSION),
            Map.entry("ListenStmt", SESSION),
            Map.entry("UnlistenStmt", SESSION),
            Map.entry("NotifyStmt", "it cannot be taken back"),
            Map.entry("LockStmt", "locks end with the step; each step takes its own"),
            Map.entry("CheckPointStmt", BEYOND));
    /** Of all databases: even a try on an empty copy would reach them. */
    private static final Set<String> SHARED =
            Set.of("OBJECT_DATABASE", "OBJECT_TABLESPACE", "OBJECT_PARAMETER_ACL", "OBJECT_ROLE");

    private static final Set<String> TRUSTED = Set.of("sql", "plpgsql", "plperl", "pltcl", "plv8", "");
    private static final List<String> FUNCTIONS = List.of(
            "pg_read_",
            "pg_ls_",
            "pg_stat_file",
            "pg_terminate_backend",
            "pg_cancel_backend",
            "pg_advisory_",
            "pg_try_advisory_",
            "pg_reload_conf",
            "pg_promote",
            "lo_import",
            "lo_export",
            "dblink",
            "query_to_xml",
            "table_to_xml",
            "cursor_to_xml",
            "database_to_xml",
            "pg_logical_emit",
            "pg_create_",
            "pg_drop_replication",
            "set_config");

    private Denied() {}

    /** Why the statement may not be part of a change; empty when it may. */
    static Optional<String> why(Statement statement) {
        JsonNode node = statement.node();
        String kind = KINDS.get(statement.kind());
        if (kind != null) {
            return Optional.of(kind);
        }
        if (beyond(statement).isPresent()) {
            return Optional.of(BEYOND);
        }
        if (node.path("relation").path("relpersistence").asText().equals("t")
                || node.path("into").path("rel").path("relpersistence").asText().equals("t")) {
            return Optional.of("a temporary table is gone with the session of its step");
        }
        return language(statement).or(() -> function(node));
    }

    /** Only what would not even stay within an empty copy, on which blocks are tried, too. */
    static Optional<String> beyond(Statement statement) {
        JsonNode node = statement.node();
        boolean shared = SHARED.contains(node.path("objtype").asText()) // of GRANT, COMMENT ON
                || SHARED.contains(node.path("objectType").asText()); // of OWNER TO
        return shared || BEYOND.equals(KINDS.get(statement.kind())) ? Optional.of(BEYOND) : Optional.empty();
    }

    private static Optional<String> language(Statement statement) {
        if (!statement.kind().equals("CreateFunctionStmt") && !statement.kind().equals("DoStmt")) {
            return Optional.empty();
        }
        for (JsonNode option : statement.node().path(statement.kind().equals("DoStmt") ? "args" : "options")) {
            JsonNode element = option.path("DefElem");
            String language = element.path("arg").path("String").path("sval").asText("");
            if (element.path("defname").asText().equals("language")
                    && !TRUSTED.contains(language.toLowerCase(Locale.ROOT))) {
                return Optional.of("language " + language + " can do anything to the server");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> function(JsonNode node) {
        return Expressions.functions(node).stream()
                .filter(name -> FUNCTIONS.stream().anyMatch(name::startsWith))
                .findFirst()
                .map(name -> "it calls " + name + ", which reaches beyond the schema or its step");
    }
}
