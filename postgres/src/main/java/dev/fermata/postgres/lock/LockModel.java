package dev.fermata.postgres.lock;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The lock table: what each kind of statement locks, rewrites and scans, and whether it runs in a transaction.
 *
 * <p>Every kind of statement in PostgreSQL's grammar is either in one of the tables below or comes out as {@link
 * Coverage#UNKNOWN}. Sources: our measurements on PostgreSQL 15.18, 17.11 and 18.6, and the manual where a statement
 * cannot be measured. Pure and thread-safe.
 */
public final class LockModel {

    /** Kinds whose details decide. */
    private static final Map<String, Function<JsonNode, StatementProfile>> BY_DETAIL = Map.ofEntries(
            entry("AlterTableStmt", AlterTableLocks::profile),
            entry("SelectStmt", QueryLocks::select),
            entry("InsertStmt", QueryLocks::insert),
            entry("UpdateStmt", QueryLocks::update),
            entry("DeleteStmt", QueryLocks::delete),
            entry("MergeStmt", QueryLocks::merge),
            entry("IndexStmt", ObjectLocks::createIndex),
            entry("ReindexStmt", ObjectLocks::reindex),
            entry("CreateStmt", ObjectLocks::createTable),
            entry("CreateTableAsStmt", ObjectLocks::createTableAs),
            entry("ViewStmt", ObjectLocks::createView),
            entry("RefreshMatViewStmt", ObjectLocks::refresh),
            entry("CreateTrigStmt", ObjectLocks::createTrigger),
            entry("TruncateStmt", ObjectLocks::truncate),
            entry("LockStmt", ObjectLocks::lockTable),
            entry("VacuumStmt", ObjectLocks::vacuum),
            entry("ClusterStmt", ObjectLocks::cluster),
            entry("CreateStatsStmt", ObjectLocks::createStatistics),
            entry("CreatePublicationStmt", ObjectLocks::createPublication),
            entry("AlterSeqStmt", ObjectLocks::alterSequence),
            entry("CommentStmt", ObjectLocks::comment),
            entry("DropStmt", ObjectLocks::drop),
            entry("RenameStmt", ObjectLocks::rename),
            entry("AlterObjectSchemaStmt", ObjectLocks::setSchema),
            entry("AlterDomainStmt", ObjectLocks::alterDomain),
            entry("CreateSchemaStmt", ObjectLocks::createSchema),
            entry("CreateSeqStmt", ObjectLocks::createSequence),
            entry("CreateFunctionStmt", ObjectLocks::createFunction),
            entry("RuleStmt", QueryLocks::createRule),
            entry("CreatePolicyStmt", node -> QueryLocks.policy("CREATE POLICY", node)),
            entry("AlterPolicyStmt", node -> QueryLocks.policy("ALTER POLICY", node)),
            entry("AlterPublicationStmt", ObjectLocks::alterPublication),
            entry("AlterObjectDependsStmt", ObjectLocks::dependsOnExtension),
            entry("AlterTableMoveAllStmt", ObjectLocks::moveAll),
            entry("AlterDatabaseStmt", ObjectLocks::alterDatabase),
            entry("CreateForeignTableStmt", node -> ObjectLocks.createTable(node.path("base"))),
            entry("CopyStmt", QueryLocks::copy),
            entry("PrepareStmt", QueryLocks::prepare),
            entry("DeclareCursorStmt", QueryLocks::declareCursor));

    /** Kinds that lock no table. */
    private static final Map<String, String> NO_TABLE = Map.ofEntries(
            entry("AlterFunctionStmt", "ALTER FUNCTION"),
            entry("CreateEnumStmt", "CREATE TYPE"),
            entry("CompositeTypeStmt", "CREATE TYPE"),
            entry("CreateRangeStmt", "CREATE TYPE"),
            entry("AlterEnumStmt", "ALTER TYPE"),
            entry("AlterTypeStmt", "ALTER TYPE"),
            entry("CreateDomainStmt", "CREATE DOMAIN"),
            entry("DefineStmt", "CREATE"),
            entry("CreateCastStmt", "CREATE CAST"),
            entry("CreateRoleStmt", "CREATE ROLE"),
            entry("AlterRoleStmt", "ALTER ROLE"),
            entry("AlterRoleSetStmt", "ALTER ROLE SET"),
            entry("DropRoleStmt", "DROP ROLE"),
            entry("GrantRoleStmt", "GRANT"),
            entry("AlterDefaultPrivilegesStmt", "ALTER DEFAULT PRIVILEGES"),
            entry("AlterOwnerStmt", "ALTER ... OWNER TO"),
            entry("AlterStatsStmt", "ALTER STATISTICS"),
            entry("CreateEventTrigStmt", "CREATE EVENT TRIGGER"),
            entry("AlterEventTrigStmt", "ALTER EVENT TRIGGER"),
            entry("VariableSetStmt", "SET"),
            entry("VariableShowStmt", "SHOW"),
            entry("TransactionStmt", "transaction control"),
            entry("NotifyStmt", "NOTIFY"),
            entry("ListenStmt", "LISTEN"),
            entry("UnlistenStmt", "UNLISTEN"),
            entry("ConstraintsSetStmt", "SET CONSTRAINTS"),
            entry("AlterOperatorStmt", "ALTER OPERATOR"),
            entry("AlterOpFamilyStmt", "ALTER OPERATOR FAMILY"),
            entry("CreateOpClassStmt", "CREATE OPERATOR CLASS"),
            entry("CreateOpFamilyStmt", "CREATE OPERATOR FAMILY"),
            entry("CreateAmStmt", "CREATE ACCESS METHOD"),
            entry("CreateConversionStmt", "CREATE CONVERSION"),
            entry("CreateTransformStmt", "CREATE TRANSFORM"),
            entry("CreatePLangStmt", "CREATE LANGUAGE"),
            entry("CreateFdwStmt", "CREATE FOREIGN DATA WRAPPER"),
            entry("AlterFdwStmt", "ALTER FOREIGN DATA WRAPPER"),
            entry("CreateForeignServerStmt", "CREATE SERVER"),
            entry("AlterForeignServerStmt", "ALTER SERVER"),
            entry("CreateUserMappingStmt", "CREATE USER MAPPING"),
            entry("AlterUserMappingStmt", "ALTER USER MAPPING"),
            entry("DropUserMappingStmt", "DROP USER MAPPING"),
            entry("AlterCollationStmt", "ALTER COLLATION"),
            entry("AlterDatabaseSetStmt", "ALTER DATABASE SET"),
            entry("AlterDatabaseRefreshCollStmt", "ALTER DATABASE REFRESH COLLATION VERSION"),
            entry("AlterTSConfigurationStmt", "ALTER TEXT SEARCH CONFIGURATION"),
            entry("AlterTSDictionaryStmt", "ALTER TEXT SEARCH DICTIONARY"),
            entry("AlterTableSpaceOptionsStmt", "ALTER TABLESPACE SET"),
            entry("CheckPointStmt", "CHECKPOINT"),
            entry("LoadStmt", "LOAD"),
            entry("DeallocateStmt", "DEALLOCATE"),
            entry("ClosePortalStmt", "CLOSE"),
            entry("FetchStmt", "FETCH"));

    /**
     * Kinds that the server refuses inside a transaction block, some of them only with certain options, and that lock
     * no table of this database.
     */
    private static final Map<String, String> NOT_IN_TRANSACTION = Map.of(
            "CreatedbStmt", "CREATE DATABASE",
            "DropdbStmt", "DROP DATABASE",
            "CreateTableSpaceStmt", "CREATE TABLESPACE",
            "DropTableSpaceStmt", "DROP TABLESPACE",
            "AlterSystemStmt", "ALTER SYSTEM",
            "CreateSubscriptionStmt", "CREATE SUBSCRIPTION",
            "AlterSubscriptionStmt", "ALTER SUBSCRIPTION",
            "DropSubscriptionStmt", "DROP SUBSCRIPTION",
            "DiscardStmt", "DISCARD");

    /** The newest major version that was measured. */
    public static final int NEWEST = 18;

    private LockModel() {}

    /** As {@link #profile(Statement, int)}, on the newest server. */
    public static StatementProfile profile(Statement statement) {
        return profile(statement, NEWEST);
    }

    /**
     * What is known of the statement; never null, never an exception for a statement that PostgreSQL can parse.
     *
     * @param majorVersion of the server, such as 17
     */
    public static StatementProfile profile(Statement statement, int majorVersion) {
        return profile(statement.kind(), statement.node(), majorVersion);
    }

    /**
     * As {@link #profile(Statement, int)}, with what stands in the statement's body. Of a body that runs at once the
     * locks of all its statements are told, whether they are reached or not; what is opaque in it leaves the answer
     * {@link Coverage#UNKNOWN}. Other bodies run later, and change nothing.
     */
    public static StatementProfile profile(Statement statement, Optional<Body> body, int majorVersion) {
        return body.filter(Body::runsAtOnce)
                .map(inside -> BodyLocks.profile(inside, majorVersion))
                .orElseGet(() -> profile(statement, majorVersion));
    }

    static StatementProfile profile(String kind, JsonNode node, int majorVersion) {
        if (kind.equals("GrantStmt")) {
            return ObjectLocks.grant(node, majorVersion);
        }
        if (kind.equals("ExplainStmt")) {
            String inner = node.path("query").fieldNames().next();
            StatementProfile explained = profile(inner, node.path("query").path(inner), majorVersion);
            return QueryLocks.explain(node, explained);
        }
        return Optional.ofNullable(BY_DETAIL.get(kind))
                .map(byDetail -> byDetail.apply(node))
                .orElseGet(() -> byKind(kind));
    }

    /**
     * {@link StatementProfile#locks} of it. Look at {@link StatementProfile#coverage} before trusting an empty list.
     */
    public static List<RelationLock> locks(Statement statement) {
        return profile(statement).locks();
    }

    /** Whether it may stand inside BEGIN and COMMIT. */
    public static boolean runsInTransaction(Statement statement) {
        return profile(statement).runsInTransaction();
    }

    /** Whether the kind is in one of the tables; all others come out as {@link Coverage#UNKNOWN}. */
    static boolean knows(String kind) {
        return BY_DETAIL.containsKey(kind)
                || NO_TABLE.containsKey(kind)
                || NOT_IN_TRANSACTION.containsKey(kind)
                || kind.equals("GrantStmt")
                || kind.equals("ExplainStmt");
    }

    private static StatementProfile byKind(String kind) {
        String withoutTable = NO_TABLE.get(kind);
        if (withoutTable != null) {
            return new ProfileBuilder(withoutTable).build();
        }
        String outside = NOT_IN_TRANSACTION.get(kind);
        if (outside != null) {
            return new ProfileBuilder(outside).notInTransaction().build();
        }
        return new ProfileBuilder(inWords(kind))
                .unknown("the lock table has no entry for " + inWords(kind) + ": what it locks is not known")
                .build();
    }

    /** {@code CreateExtensionStmt} gives {@code CREATE EXTENSION}; close to SQL, for what has no entry of its own. */
    private static String inWords(String kind) {
        return kind.replaceFirst("Stmt$", "")
                .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                .toUpperCase(Locale.ROOT);
    }
}
