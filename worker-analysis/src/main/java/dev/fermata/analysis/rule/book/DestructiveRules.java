package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.DESTRUCTIVE;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.tree.AlterTable;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is gone afterwards: rows, objects, and what protected them. */
final class DestructiveRules {
    private static final String ALTER_TABLE = "sql-altertable.html";
    private static final String STOP_USING = "stop using it first, and drop it in a change of its own, later.";

    /** Transactions, roles, settings and whatever reaches beyond the schema of one database. */
    private static final Set<String> FORBIDDEN = Set.of(
            "AlterSystemStmt",
            "LoadStmt",
            "CreateRoleStmt",
            "AlterRoleStmt",
            "AlterRoleSetStmt",
            "DropRoleStmt",
            "GrantRoleStmt",
            "CreatedbStmt",
            "DropdbStmt",
            "AlterDatabaseStmt",
            "CreateTableSpaceStmt",
            "DropTableSpaceStmt",
            "CreateEventTrigStmt",
            "CreateSubscriptionStmt",
            "AlterSubscriptionStmt",
            "DropSubscriptionStmt",
            "CreateForeignServerStmt",
            "CreateUserMappingStmt",
            "CopyStmt",
            "CheckPointStmt",
            "ReassignOwnedStmt",
            "DropOwnedStmt",
            "PrepareStmt",
            "ExecuteStmt",
            "ListenStmt",
            "NotifyStmt",
            "DeclareCursorStmt");

    /** What only Fermata decides, where it runs the change. */
    private static final Set<String> DECIDED_BY_FERMATA = Set.of("TransactionStmt", "VariableSetStmt", "LockStmt");

    static boolean isForbidden(Subject subject) {
        String kind = subject.statement().kind();
        return FORBIDDEN.contains(kind)
                || (subject.situation().runner() == Situation.Runner.FERMATA && DECIDED_BY_FERMATA.contains(kind));
    }

    private static final Rule FORBIDDEN_STATEMENT = Rule.named("forbidden-statement", DESTRUCTIVE)
            .severity(RiskLevel.CRITICAL)
            .what("Some statements may not be part of a change of a schema.")
            .why("Roles, settings of the server, other databases and files outlive the change and reach beyond it; in a"
                    + " work order, transactions and time limits are Fermata's to decide as well.")
            .safer("leave it out; give time limits in the work order, and change roles and settings where the operator"
                    + " does.")
            .fires("ALTER SYSTEM SET fsync = off")
            .fires("CREATE ROLE app LOGIN")
            .passes("ALTER TABLE orders ADD COLUMN a int")
            .passes("BEGIN; ALTER TABLE orders ADD COLUMN a int; COMMIT")
            .manual("sql-commands.html")
            .refused()
            .when(subject -> Stream.of(subject)
                    .filter(DestructiveRules::isForbidden)
                    .map(one -> Hit.of(one.profile().description() + " may not be part of a change")));

    private static final Rule DROP_TABLE = lossy("drop-table")
            .what("DROP TABLE loses all rows of a table that was there before.")
            .why("What is dropped comes back from a backup only, and application code may still use it.")
            .safer(STOP_USING)
            .fires("DROP TABLE notes")
            .passes("CREATE TABLE fresh (a int); DROP TABLE fresh")
            .passes("DROP INDEX orders_status")
            .manual("sql-droptable.html")
            .when(drops("TABLE", "all rows of %s are lost"));

    private static final Rule DROP_COLUMN = lossy("drop-column")
            .what("DROP COLUMN loses the values of a column that was there before.")
            .why("What is dropped comes back from a backup only, and application code may still use it; indexes and"
                    + " constraints on the column go with it.")
            .safer(STOP_USING)
            .fires("ALTER TABLE orders DROP COLUMN note")
            .passes("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders DROP COLUMN a")
            .manual(ALTER_TABLE)
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_DropColumn")
                    .filter(command -> !subject.before().addedColumn(alter.table(), command.name()))
                    .map(command -> Hit.of("the values of " + command.name() + " in " + subject.name(alter.table())
                                    + " are lost")
                            .on(alter.table())
                            .at(command.offset()))));

    private static final Rule DROP_SCHEMA = lossy("drop-schema")
            .what("DROP SCHEMA removes a schema, and with CASCADE all that is in it.")
            .why("Tables in it are lost with their rows, and whatever names it fails.")
            .safer("drop what is in it one by one, where each can be looked at; then the empty schema.")
            .fires("DROP SCHEMA archive CASCADE")
            .passes("CREATE SCHEMA archive_2")
            .manual("sql-dropschema.html")
            .when(subject -> subject.drop("SCHEMA").stream().map(drop -> Hit.of("schema "
                            + drop.names().getFirst() + " goes" + (drop.cascade() ? ", with everything in it" : ""))
                    .graded(drop.cascade() ? RiskLevel.CRITICAL : RiskLevel.MEDIUM)));

    private static final Rule TRUNCATE = lossy("truncate")
            .what("TRUNCATE removes all rows of a table that was there before.")
            .why("They come back from a backup only; nobody can read or write the table until it commits, and readers"
                    + " with an older snapshot find it empty.")
            .safer("DELETE in batches, with a WHERE that says which rows.")
            .fires("TRUNCATE notes")
            .passes("CREATE TABLE fresh (a int); TRUNCATE fresh")
            .manual("sql-truncate.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("TruncateStmt"))
                    .flatMap(one -> one.statement()
                            .node()
                            .path("relations")
                            .valueStream()
                            .flatMap(relation -> Names.of(relation.path("RangeVar")).stream()))
                    .filter(subject::isOld)
                    .map(table -> Hit.of("all rows of " + subject.name(table) + " are lost")
                            .on(table)));

    private static final Rule DROP_CASCADE = Rule.named("drop-cascade", DESTRUCTIVE)
            .severity(RiskLevel.HIGH)
            .what("CASCADE drops whatever depends on the object, and does not say what in advance.")
            .why("Views, foreign keys, defaults and functions that nobody has named go too, on this database perhaps"
                    + " others than on the one where it was tried.")
            .safer("leave CASCADE out, and drop the dependants by name.")
            .fires("DROP TABLE customers CASCADE")
            .fires("ALTER TABLE orders DROP COLUMN total CASCADE")
            .fires("TRUNCATE customers CASCADE")
            .passes("DROP TABLE notes")
            .passes("CREATE TABLE fresh (a int); DROP TABLE fresh CASCADE")
            .manual("ddl-depend.html")
            .when(subject -> Stream.concat(
                    cascades(subject), ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands().stream()
                            .filter(command -> command.cascade())
                            .map(command -> Hit.of("whatever depends on " + command.name() + " of " + alter.table()
                                            + " is dropped too")
                                    .on(alter.table())
                                    .at(command.offset())))));

    private static final Rule DROP_PRIMARY_KEY = Rule.named("drop-primary-key", DESTRUCTIVE)
            .severity(RiskLevel.HIGH)
            .what("Dropping a primary key takes away what identifies a row.")
            .why("Duplicates and NULLs can come in at once, foreign keys to it fail, and logical replication refuses"
                    + " UPDATE and DELETE.")
            .safer("build the new unique index CONCURRENTLY first, then drop the old key and add the new one USING"
                    + " INDEX in one ALTER TABLE.")
            .fires("ALTER TABLE bookings DROP CONSTRAINT bookings_pkey")
            .passes("ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey")
            .manual(ALTER_TABLE)
            .when(dropsConstraint(
                    true, (alter, name) -> "without " + name + " nothing identifies a row of " + alter.table()));

    private static final Rule DROP_CONSTRAINT = Rule.named("drop-constraint", DESTRUCTIVE)
            .severity(RiskLevel.LOW)
            .what("Dropping a constraint lets in rows that it has kept out.")
            .why("It cannot be added again until every row that came in meanwhile is mended; dropping a foreign key"
                    + " locks the other table too.")
            .safer("keep it until nothing relies on it, or add its successor first.")
            .fires("ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey")
            .passes("ALTER TABLE bookings DROP CONSTRAINT bookings_pkey")
            .passes("ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey, ADD CONSTRAINT orders_customer_id_fkey"
                    + " FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE NOT VALID")
            .passes("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;"
                    + " ALTER TABLE orders DROP CONSTRAINT c")
            .manual(ALTER_TABLE)
            .when(dropsConstraint(
                    false,
                    (alter, name) -> "rows that " + name + " has kept out of " + alter.table() + " can come in"));

    private static final Rule DROP_NOT_NULL = Rule.named("drop-not-null", DESTRUCTIVE)
            .severity(RiskLevel.LOW)
            .what("DROP NOT NULL lets NULLs into a column whose readers have never seen one.")
            .why("Code that reads the column may fail on the first NULL, and the constraint cannot come back until all"
                    + " of them are gone.")
            .safer("make the readers ready first.")
            .fires("ALTER TABLE orders ALTER COLUMN status DROP NOT NULL")
            .passes("CREATE TABLE fresh (a int NOT NULL); ALTER TABLE fresh ALTER COLUMN a DROP NOT NULL")
            .manual(ALTER_TABLE)
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_DropNotNull")
                    .map(command -> Hit.of("NULLs can come into " + command.name() + " of " + alter.table())
                            .on(alter.table())
                            .at(command.offset()))));

    private static final Rule DISABLE_TRIGGER = Rule.named("disable-trigger", DESTRUCTIVE)
            .severity(RiskLevel.MEDIUM)
            .what("DISABLE TRIGGER switches off what keeps the table right; ALL includes its foreign keys.")
            .why("Rows written meanwhile, by anybody, are never checked or carried over, not even when it is"
                    + " switched on again.")
            .safer("for one session only: SET session_replication_role; or let the trigger look at a setting.")
            .fires("ALTER TABLE orders DISABLE TRIGGER orders_touch")
            .passes("ALTER TABLE orders ENABLE TRIGGER orders_touch")
            .manual(ALTER_TABLE)
            .when(subject -> ConstraintRules.alterOld(subject)
                    .flatMap(alter -> alter.commands("AT_DisableTrig", "AT_DisableTrigAll", "AT_DisableTrigUser")
                            .map(command -> Hit.of("rows of " + alter.table()
                                            + " that are written from now on miss the trigger for good")
                                    .on(alter.table())
                                    .at(command.offset()))));

    private static final Rule DELETE_WITHOUT_WHERE = everyRow("delete-without-where")
            .what("DELETE without WHERE removes every row of a table that was there before.")
            .why("One transaction holds row locks and writes WAL for the whole table, and the rows come back from a"
                    + " backup only.")
            .safer("say WHERE which rows are meant; all of a table in batches.")
            .fires("DELETE FROM notes")
            .passes("DELETE FROM notes WHERE id = 1")
            .manual("sql-delete.html")
            .when(withoutWhere("DeleteStmt", "every row of %s is deleted", RiskLevel.HIGH));

    private static final Rule UPDATE_WITHOUT_WHERE = everyRow("update-without-where")
            .what("UPDATE without WHERE changes every row of a table in one transaction.")
            .why("Writers wait for its row locks until all of it is done, every row is written again with its index"
                    + " entries, and replicas fall behind.")
            .safer("in batches of some thousand rows, each in a transaction of its own; strategy: online does that.")
            .fires("UPDATE orders SET quantity = 1")
            .passes("UPDATE orders SET quantity = 1 WHERE id = 1")
            .passes("CREATE TABLE fresh (a int); UPDATE fresh SET a = 1")
            .manual("sql-update.html")
            .when(withoutWhere("UpdateStmt", "every row of %s is changed in one transaction", null));

    private static final Rule REPLICA_IDENTITY_NOTHING = Rule.named("replica-identity-nothing", DESTRUCTIVE)
            .severity(RiskLevel.MEDIUM)
            .what("REPLICA IDENTITY NOTHING takes away what logical replication finds old rows by.")
            .why("While the table is in a publication, every UPDATE and DELETE on it fails.")
            .safer("REPLICA IDENTITY DEFAULT with a primary key, or USING INDEX.")
            .fires("ALTER TABLE orders REPLICA IDENTITY NOTHING")
            .passes("ALTER TABLE orders REPLICA IDENTITY FULL")
            .manual("logical-replication-publication.html")
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_ReplicaIdentity")
                    .filter(command -> command.definition()
                            .path("ReplicaIdentityStmt")
                            .path("identity_type")
                            .asText()
                            .equals("n"))
                    .map(command -> Hit.of(
                                    "UPDATE and DELETE on " + alter.table() + " fail while it is in a publication")
                            .on(alter.table())
                            .at(command.offset()))));

    static final List<Rule> ALL = List.of(
            FORBIDDEN_STATEMENT,
            DROP_TABLE,
            DROP_COLUMN,
            DROP_SCHEMA,
            TRUNCATE,
            DROP_CASCADE,
            DROP_PRIMARY_KEY,
            DROP_CONSTRAINT,
            DROP_NOT_NULL,
            DISABLE_TRIGGER,
            DELETE_WITHOUT_WHERE,
            UPDATE_WITHOUT_WHERE,
            REPLICA_IDENTITY_NOTHING);

    private interface Sentence {
        String of(AlterTable alter, String constraint);
    }

    private DestructiveRules() {}

    private static Rule.Draft lossy(String id) {
        return Rule.named(id, DESTRUCTIVE).severity(RiskLevel.HIGH);
    }

    private static Rule.Draft everyRow(String id) {
        return Rule.named(id, DESTRUCTIVE).bySize();
    }

    private static Function<Subject, Stream<Hit>> drops(String object, String message) {
        return subject -> subject.drop(object).stream()
                .flatMap(drop -> drop.names().stream())
                .filter(subject::isOld)
                .map(name -> Hit.of(message.formatted(subject.name(name))).on(name));
    }

    private static Stream<Hit> cascades(Subject subject) {
        Stream<WrittenName> dropped = subject.drop().stream()
                .filter(drop -> drop.cascade() && !drop.object().equals("SCHEMA"))
                .flatMap(drop -> drop.names().stream());
        Stream<WrittenName> truncated = subject.is("TruncateStmt")
                        && subject.statement().node().path("behavior").asText().equals("DROP_CASCADE")
                ? subject.statement()
                        .node()
                        .path("relations")
                        .valueStream()
                        .flatMap(relation -> Names.of(relation.path("RangeVar")).stream())
                : Stream.empty();
        return Stream.concat(
                dropped.filter(name -> !subject.before().created(name))
                        .map(name -> Hit.of("whatever depends on " + name + " is dropped too")),
                truncated.filter(subject::isOld).map(name -> Hit.of(
                                "tables with foreign keys to " + name + " are emptied too")
                        .on(name)));
    }

    private static Function<Subject, Stream<Hit>> dropsConstraint(boolean primaryKey, Sentence sentence) {
        return subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_DropConstraint")
                .filter(command -> subject.before()
                        .constraint(alter.table(), command.name())
                        .isEmpty())
                .filter(command -> isPrimaryKey(subject, alter, command.name()) == primaryKey)
                .filter(command -> primaryKey
                        || alter.commands().stream()
                                .flatMap(other -> other.constraint().stream())
                                .noneMatch(added -> added.name().equals(command.name())))
                .map(command -> Hit.of(sentence.of(alter, command.name()))
                        .on(alter.table())
                        .at(command.offset())));
    }

    /** By the database where there is one, else by the name that the server gives. */
    private static boolean isPrimaryKey(Subject subject, AlterTable alter, String constraint) {
        return subject.relation(alter.table())
                .flatMap(table -> table.constraint(constraint))
                .map(known -> known.kind() == Constraint.Kind.PRIMARY_KEY)
                .orElse(constraint.toLowerCase(Locale.ROOT).endsWith("_pkey"));
    }

    private static Function<Subject, Stream<Hit>> withoutWhere(
            String kind, String message, @Nullable RiskLevel atLeast) {
        return subject -> Stream.of(subject)
                .filter(one -> one.is(kind)
                        && one.statement().node().path("whereClause").isMissingNode()
                        && one.statement().node().path("usingClause").isEmpty()
                        && one.statement().node().path("fromClause").isEmpty())
                .flatMap(one -> Names.of(one.statement().node().path("relation")).stream())
                .filter(subject::isOld)
                .map(table -> {
                    Hit hit = Hit.of(message.formatted(subject.name(table))).on(table);
                    return atLeast == null ? hit : hit.graded(atLeast);
                });
    }
}
