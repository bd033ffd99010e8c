package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE_ROW_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.SHARE_UPDATE_EXCLUSIVE;
import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** ALTER TABLE and its kin, command by command. */
final class AlterTableLocks {
    /** What a command does to the table itself, whatever it says in detail. */
    private record Rule(String sql, LockMode mode, Likelihood rewrites, Likelihood scans) {}

    private static final Map<String, Rule> RULES = Map.ofEntries(
            rule("AT_ColumnDefault", "ALTER COLUMN SET DEFAULT", ACCESS_EXCLUSIVE),
            rule("AT_DropNotNull", "ALTER COLUMN DROP NOT NULL", ACCESS_EXCLUSIVE),
            rule("AT_SetNotNull", "ALTER COLUMN SET NOT NULL", ACCESS_EXCLUSIVE, NO, DEPENDS),
            rule("AT_SetExpression", "ALTER COLUMN SET EXPRESSION", ACCESS_EXCLUSIVE, DEPENDS, DEPENDS),
            rule("AT_DropExpression", "ALTER COLUMN DROP EXPRESSION", ACCESS_EXCLUSIVE),
            rule("AT_SetStatistics", "ALTER COLUMN SET STATISTICS", SHARE_UPDATE_EXCLUSIVE),
            rule("AT_SetOptions", "ALTER COLUMN SET (...)", SHARE_UPDATE_EXCLUSIVE),
            rule("AT_ResetOptions", "ALTER COLUMN RESET (...)", SHARE_UPDATE_EXCLUSIVE),
            rule("AT_SetStorage", "ALTER COLUMN SET STORAGE", ACCESS_EXCLUSIVE),
            rule("AT_SetCompression", "ALTER COLUMN SET COMPRESSION", ACCESS_EXCLUSIVE),
            rule("AT_AlterColumnType", "ALTER COLUMN TYPE", ACCESS_EXCLUSIVE, DEPENDS, DEPENDS),
            rule("AT_AddIdentity", "ALTER COLUMN ADD IDENTITY", ACCESS_EXCLUSIVE),
            rule("AT_SetIdentity", "ALTER COLUMN SET IDENTITY", ACCESS_EXCLUSIVE),
            rule("AT_DropIdentity", "ALTER COLUMN DROP IDENTITY", ACCESS_EXCLUSIVE),
            rule("AT_DropColumn", "DROP COLUMN", ACCESS_EXCLUSIVE),
            rule("AT_AlterConstraint", "ALTER CONSTRAINT", ACCESS_EXCLUSIVE),
            rule("AT_ValidateConstraint", "VALIDATE CONSTRAINT", SHARE_UPDATE_EXCLUSIVE, NO, YES),
            rule("AT_DropConstraint", "DROP CONSTRAINT", ACCESS_EXCLUSIVE),
            rule("AT_ChangeOwner", "OWNER TO", ACCESS_EXCLUSIVE),
            rule("AT_ClusterOn", "CLUSTER ON", SHARE_UPDATE_EXCLUSIVE),
            rule("AT_DropCluster", "SET WITHOUT CLUSTER", SHARE_UPDATE_EXCLUSIVE),
            rule("AT_SetLogged", "SET LOGGED", ACCESS_EXCLUSIVE, YES, YES),
            rule("AT_SetUnLogged", "SET UNLOGGED", ACCESS_EXCLUSIVE, YES, YES),
            rule("AT_SetAccessMethod", "SET ACCESS METHOD", ACCESS_EXCLUSIVE, YES, YES),
            rule("AT_SetTableSpace", "SET TABLESPACE", ACCESS_EXCLUSIVE, YES, YES),
            rule("AT_EnableTrig", "ENABLE TRIGGER", SHARE_ROW_EXCLUSIVE),
            rule("AT_EnableAlwaysTrig", "ENABLE ALWAYS TRIGGER", SHARE_ROW_EXCLUSIVE),
            rule("AT_EnableReplicaTrig", "ENABLE REPLICA TRIGGER", SHARE_ROW_EXCLUSIVE),
            rule("AT_EnableTrigAll", "ENABLE TRIGGER ALL", SHARE_ROW_EXCLUSIVE),
            rule("AT_EnableTrigUser", "ENABLE TRIGGER USER", SHARE_ROW_EXCLUSIVE),
            rule("AT_DisableTrig", "DISABLE TRIGGER", SHARE_ROW_EXCLUSIVE),
            rule("AT_DisableTrigAll", "DISABLE TRIGGER ALL", SHARE_ROW_EXCLUSIVE),
            rule("AT_DisableTrigUser", "DISABLE TRIGGER USER", SHARE_ROW_EXCLUSIVE),
            rule("AT_EnableRule", "ENABLE RULE", ACCESS_EXCLUSIVE),
            rule("AT_EnableAlwaysRule", "ENABLE ALWAYS RULE", ACCESS_EXCLUSIVE),
            rule("AT_EnableReplicaRule", "ENABLE REPLICA RULE", ACCESS_EXCLUSIVE),
            rule("AT_DisableRule", "DISABLE RULE", ACCESS_EXCLUSIVE),
            rule("AT_AddInherit", "INHERIT", ACCESS_EXCLUSIVE),
            rule("AT_DropInherit", "NO INHERIT", ACCESS_EXCLUSIVE),
            rule("AT_DropOids", "SET WITHOUT OIDS", ACCESS_EXCLUSIVE),
            rule("AT_AddOf", "OF", ACCESS_EXCLUSIVE),
            rule("AT_DropOf", "NOT OF", ACCESS_EXCLUSIVE),
            rule("AT_ReplicaIdentity", "REPLICA IDENTITY", ACCESS_EXCLUSIVE),
            rule("AT_EnableRowSecurity", "ENABLE ROW LEVEL SECURITY", ACCESS_EXCLUSIVE),
            rule("AT_DisableRowSecurity", "DISABLE ROW LEVEL SECURITY", ACCESS_EXCLUSIVE),
            rule("AT_ForceRowSecurity", "FORCE ROW LEVEL SECURITY", ACCESS_EXCLUSIVE),
            rule("AT_NoForceRowSecurity", "NO FORCE ROW LEVEL SECURITY", ACCESS_EXCLUSIVE),
            rule("AT_AlterColumnGenericOptions", "ALTER COLUMN OPTIONS", ACCESS_EXCLUSIVE),
            rule("AT_GenericOptions", "OPTIONS", ACCESS_EXCLUSIVE),
            rule("AT_DetachPartitionFinalize", "DETACH PARTITION FINALIZE", SHARE_UPDATE_EXCLUSIVE));

    /** Commands whose details decide, see {@link #command}. */
    private static final Set<String> BY_DETAIL = Set.of(
            "AT_AddColumn",
            "AT_AddConstraint",
            "AT_SetRelOptions",
            "AT_ResetRelOptions",
            "AT_ReplaceRelOptions",
            "AT_AttachPartition",
            "AT_DetachPartition");

    /**
     * Storage parameters that take no more than SHARE UPDATE EXCLUSIVE; autovacuum's do as well. Source: reloptions.c.
     */
    private static final Set<String> LIGHT_PARAMETERS = Set.of(
            "fillfactor",
            "toast_tuple_target",
            "parallel_workers",
            "vacuum_index_cleanup",
            "vacuum_truncate",
            "vacuum_max_eager_freeze_failure_rate",
            "log_autovacuum_min_duration",
            "n_distinct",
            "n_distinct_inherited",
            "deduplicate_items",
            "fastupdate",
            "gin_pending_list_limit",
            "pages_per_range",
            "autosummarize");

    private AlterTableLocks() {}

    static StatementProfile profile(JsonNode node) {
        String object = object(node.path("objtype").asText());
        ProfileBuilder profile = new ProfileBuilder("ALTER " + object);
        if (object.equals("TYPE")) {
            return profile.others("tables with columns of the type are locked ACCESS EXCLUSIVE and checked")
                    .build();
        }
        WrittenName relation = Nodes.name(node.path("relation"));
        Set<String> commands = new LinkedHashSet<>();
        for (JsonNode element : node.path("cmds")) {
            commands.add(command(profile, object, relation, element.path("AlterTableCmd")));
        }
        return profile.describe("ALTER " + object + " ... " + String.join(", ", commands))
                .build();
    }

    /** The strongest lock that one of the commands takes on the table itself: the server takes it for all of them. */
    static LockMode mode(JsonNode node) {
        String object = object(node.path("objtype").asText());
        WrittenName relation = Nodes.name(node.path("relation"));
        LockMode mode = ACCESS_SHARE;
        for (JsonNode element : node.path("cmds")) {
            ProfileBuilder profile = new ProfileBuilder("");
            command(profile, object, relation, element.path("AlterTableCmd"));
            mode = mode.strongest(profile.build().locks().getFirst().mode());
        }
        return mode;
    }

    /** Whether the command is in the table. */
    static boolean knows(String subtype) {
        return RULES.containsKey(subtype) || BY_DETAIL.contains(subtype);
    }

    /** Adds what one command locks, and says it in SQL words. */
    private static String command(ProfileBuilder profile, String object, WrittenName relation, JsonNode command) {
        String subtype = command.path("subtype").asText();
        JsonNode detail = command.path("def");
        return switch (subtype) {
            case "AT_AddColumn" -> {
                ColumnLocks.addColumn(profile, relation, detail.path("ColumnDef"));
                yield "ADD COLUMN";
            }
            case "AT_AddConstraint" -> {
                ColumnLocks.addConstraint(profile, relation, detail.path("Constraint"));
                yield "ADD " + ColumnLocks.kind(detail.path("Constraint"));
            }
            case "AT_SetRelOptions", "AT_ResetRelOptions", "AT_ReplaceRelOptions" -> {
                profile.lock(relation, parametersMode(object, detail));
                yield subtype.equals("AT_ResetRelOptions") ? "RESET (...)" : "SET (...)";
            }
            case "AT_AttachPartition" -> {
                attach(profile, object, relation, detail.path("PartitionCmd"));
                yield "ATTACH PARTITION";
            }
            case "AT_DetachPartition" -> detach(profile, relation, detail.path("PartitionCmd"));
            default -> byRule(profile, relation, subtype, detail);
        };
    }

    private static String byRule(ProfileBuilder profile, WrittenName relation, String subtype, JsonNode detail) {
        Rule rule = RULES.get(subtype);
        if (rule == null) {
            profile.lock(relation, ACCESS_EXCLUSIVE, DEPENDS, DEPENDS)
                    .unknown("the lock table has no entry for " + subtype);
            return subtype;
        }
        profile.lock(relation, rule.mode, rule.rewrites, rule.scans);
        switch (subtype) {
            case "AT_AddInherit" -> profile.lock(Nodes.name(detail.path("RangeVar")), SHARE_UPDATE_EXCLUSIVE);
            case "AT_DropInherit" -> profile.lock(Nodes.name(detail.path("RangeVar")), ACCESS_SHARE);
            case "AT_AddOf" ->
                profile.lock(Nodes.name(Nodes.strings(detail.path("TypeName").path("names")), 0), ACCESS_SHARE);
            case "AT_DropConstraint" ->
                profile.others(
                        "if the constraint is a foreign key, the other table is locked ACCESS EXCLUSIVE as well");
            case "AT_ValidateConstraint" ->
                profile.others(
                        "if the constraint is a foreign key, the table it points to is locked ROW SHARE and read");
            case "AT_AlterConstraint" ->
                profile.others("the other table of the foreign key may be locked ACCESS EXCLUSIVE as well");
            case "AT_DropColumn" ->
                profile.others(
                        "a foreign key, view or rule that goes with the column locks its table ACCESS EXCLUSIVE");
            case "AT_AlterColumnType" ->
                profile.others("foreign keys on the column are made again and lock and check the other table");
            default -> {}
        }
        return rule.sql;
    }

    private static void attach(ProfileBuilder profile, String object, WrittenName parent, JsonNode partition) {
        WrittenName child = Nodes.name(partition.path("name"));
        profile.lock(parent, SHARE_UPDATE_EXCLUSIVE);
        if (object.equals("INDEX")) {
            profile.lock(child, ACCESS_EXCLUSIVE).others("the tables of both indexes are locked ACCESS SHARE");
        } else {
            profile.lock(child, ACCESS_EXCLUSIVE, NO, DEPENDS)
                    .others("a DEFAULT partition is locked ACCESS EXCLUSIVE and read, unless a CHECK spares that");
        }
    }

    private static String detach(ProfileBuilder profile, WrittenName parent, JsonNode partition) {
        WrittenName child = Nodes.name(partition.path("name"));
        if (partition.path("concurrent").asBoolean()) {
            profile.lock(parent, SHARE_UPDATE_EXCLUSIVE)
                    .lock(child, ACCESS_EXCLUSIVE)
                    .notInTransaction()
                    .note("waits for all transactions that use the parent; not possible with a DEFAULT partition");
            return "DETACH PARTITION CONCURRENTLY";
        }
        profile.lock(parent, ACCESS_EXCLUSIVE)
                .lock(child, ACCESS_EXCLUSIVE)
                .others("a DEFAULT partition, and tables with foreign keys to the parent, are locked as well");
        return "DETACH PARTITION";
    }

    private static LockMode parametersMode(String object, JsonNode options) {
        if (object.equals("VIEW")) {
            return ACCESS_EXCLUSIVE;
        }
        for (JsonNode option : options.path("List").path("items")) {
            String name = option.path("DefElem").path("defname").asText();
            if (!LIGHT_PARAMETERS.contains(name) && !name.startsWith("autovacuum_")) {
                return ACCESS_EXCLUSIVE;
            }
        }
        return SHARE_UPDATE_EXCLUSIVE;
    }

    private static String object(String objectType) {
        return objectType
                .replaceFirst("^OBJECT_", "")
                .replace("MATVIEW", "MATERIALIZED VIEW")
                .replace('_', ' ');
    }

    private static Map.Entry<String, Rule> rule(String subtype, String sql, LockMode mode) {
        return rule(subtype, sql, mode, NO, NO);
    }

    private static Map.Entry<String, Rule> rule(
            String subtype, String sql, LockMode mode, Likelihood rewrites, Likelihood scans) {
        return entry(subtype, new Rule(sql, mode, rewrites, scans));
    }
}
