package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.TRANSACTION;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.RelationLock;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.Expressions;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What goes wrong because statements share a transaction, or a session, or do not. */
final class TransactionRules {
    private static final Set<String> ENDS = Set.of("TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE");
    private static final Set<String> BEGINS = Set.of("TRANS_STMT_BEGIN", "TRANS_STMT_START");

    private static final Rule REFUSED_IN_TRANSACTION = Rule.named("refused-in-transaction", TRANSACTION)
            .severity(RiskLevel.HIGH)
            .what("Some statements are refused inside a transaction block: the CONCURRENTLY forms, VACUUM and others.")
            .why("The server answers with error 25001 and the transaction is lost.")
            .safer("put it into a file of its own, and tell the migration tool not to open a transaction for it;"
                    + " Fermata runs it outside by itself.")
            .fires("BEGIN; CREATE INDEX CONCURRENTLY orders_note ON orders (note); COMMIT")
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note)")
            .passes("BEGIN; CREATE INDEX orders_note ON orders (note); COMMIT")
            .manual("sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY")
            .refused()
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.inTransaction() && !one.profile().runsInTransaction())
                    .map(one -> Hit.of(
                            "the server refuses " + one.profile().description() + " inside a transaction block")));

    private static final Rule SEVERAL_TABLES_LOCKED = Rule.named("several-tables-locked", TRANSACTION)
            .severity(RiskLevel.MEDIUM)
            .what("One transaction takes blocking locks on several existing tables.")
            .why("The first table stays blocked while the second lock is waited for, and two sessions that take them in"
                    + " another order end in a deadlock.")
            .safer("a transaction for each table, so that a lock is never held while another is waited for.")
            .fires("BEGIN; ALTER TABLE orders ADD COLUMN a int; ALTER TABLE customers ADD COLUMN a int; COMMIT")
            .passes("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE customers ADD COLUMN a int")
            .passes("BEGIN; ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int; COMMIT")
            .manual("explicit-locking.html#LOCKING-DEADLOCKS")
            .when(subject -> blocking(subject)
                    .flatMap(lock -> {
                        QualifiedName table = lock.relation().in("public");
                        Map<QualifiedName, LockMode> held = subject.before().heldLocks();
                        Optional<QualifiedName> other = held.entrySet().stream()
                                .filter(one -> one.getValue().blocksWrites()
                                        && !one.getKey().equals(table))
                                .map(Map.Entry::getKey)
                                .sorted()
                                .findFirst();
                        boolean already = Optional.ofNullable(held.get(table))
                                .filter(LockMode::blocksWrites)
                                .isPresent();
                        return other.filter(name -> !already).stream().map(name -> Hit.of(
                                        name.name() + " stays locked while this waits for " + lock.relation())
                                .on(lock.relation()));
                    })
                    .limit(1));

    private static final Rule WORK_UNDER_LOCK = Rule.named("work-under-lock", TRANSACTION)
            .bySize()
            .what("A transaction that holds a lock against reads goes on to change or read a table at length.")
            .why("The lock of the DDL is held until the transaction ends: its table is out of service for as long"
                    + " as the later statement takes.")
            .safer("commit the DDL first; fill in batches in transactions of their own.")
            .fires("BEGIN; ALTER TABLE orders ADD COLUMN a int; UPDATE orders SET a = 1; COMMIT")
            .fires("BEGIN; ALTER TABLE orders ADD COLUMN a int; CREATE INDEX notes_order ON notes (order_id); COMMIT")
            .passes("ALTER TABLE orders ADD COLUMN a int; UPDATE orders SET a = 1")
            .passes("BEGIN; CREATE TABLE fresh (a int); UPDATE orders SET note = '' WHERE id = 1; COMMIT")
            .manual("explicit-locking.html")
            .when(subject -> work(subject)
                    .flatMap(lock -> subject.before().heldLocks().entrySet().stream()
                            .filter(held -> held.getValue().blocksReads())
                            .map(Map.Entry::getKey)
                            .sorted()
                            .limit(1)
                            .map(held -> Hit.of(held.name() + " stays locked against reads and writes while "
                                            + subject.name(lock.relation()) + " is worked on")
                                    .on(lock.relation())))
                    .limit(1));

    private static final Rule NESTED_TRANSACTION = control("nested-transaction")
            .severity(RiskLevel.MEDIUM)
            .what("BEGIN inside a transaction does nothing but warn.")
            .why("The COMMIT meant for the inner one ends the outer one, and what follows runs without a transaction.")
            .safer("SAVEPOINT and RELEASE, or one transaction.")
            .fires("BEGIN; BEGIN; COMMIT")
            .passes("BEGIN; SAVEPOINT part; RELEASE part; COMMIT")
            .manual("sql-begin.html")
            .when(subject -> transaction(subject, BEGINS)
                    .filter(one -> one.before().inTransaction())
                    .map(one -> Hit.of("a transaction is open already, so this BEGIN does nothing")));

    private static final Rule UNFINISHED_TRANSACTION = control("unfinished-transaction")
            .severity(RiskLevel.HIGH)
            .what("A transaction is begun and never ended.")
            .why("What it did is rolled back when the session ends, or the session stays idle in transaction with"
                    + " all its locks.")
            .safer("COMMIT at the end of the file.")
            .fires("BEGIN; ALTER TABLE orders ADD COLUMN a int")
            .passes("BEGIN; ALTER TABLE orders ADD COLUMN a int; COMMIT")
            .manual("sql-commit.html")
            .when(subject -> transaction(subject, BEGINS)
                    .filter(one -> one.later().stream().noneMatch(later -> isControl(later, ENDS)))
                    .map(one -> Hit.of("no COMMIT or ROLLBACK follows this BEGIN")));

    private static final Rule COMMIT_WITHOUT_BEGIN = control("commit-without-begin")
            .severity(RiskLevel.MEDIUM)
            .what("COMMIT or ROLLBACK without a BEGIN in the file ends somebody else's transaction, or does nothing.")
            .why("Where the migration tool has opened one, it ends here, and its own bookkeeping runs outside.")
            .safer("BEGIN and COMMIT both, or neither.")
            .fires("ALTER TABLE orders ADD COLUMN a int; COMMIT")
            .passes("BEGIN; ALTER TABLE orders ADD COLUMN a int; COMMIT")
            .manual("sql-commit.html")
            .passes("DO $$ BEGIN INSERT INTO notes (order_id) VALUES (1); COMMIT; END $$")
            .when(subject -> transaction(subject, ENDS)
                    .filter(one -> !one.inBody())
                    .filter(one -> one.statements().stream()
                            .limit(one.statement().index())
                            .filter(before -> isControl(before, BEGINS) || isControl(before, ENDS))
                            .reduce((first, second) -> second)
                            .filter(last -> isControl(last, BEGINS))
                            .isEmpty())
                    .map(one -> Hit.of("no BEGIN of this file is open here")));

    private static final Rule PREPARED_TRANSACTION = control("prepare-transaction")
            .severity(RiskLevel.HIGH)
            .what("PREPARE TRANSACTION leaves a transaction that no session owns.")
            .why("It keeps its locks and holds back VACUUM until somebody commits or rolls it back by name, also across"
                    + " restarts.")
            .safer("an ordinary COMMIT.")
            .fires("BEGIN; ALTER TABLE orders ADD COLUMN a int; PREPARE TRANSACTION 'x'")
            .passes("BEGIN; ALTER TABLE orders ADD COLUMN a int; COMMIT")
            .manual("sql-prepare-transaction.html")
            .refused()
            .when(subject -> transaction(subject, Set.of("TRANS_STMT_PREPARE"))
                    .map(one -> Hit.of("its locks stay until somebody ends it by name")));

    private static final Rule ENUM_VALUE_USED_AT_ONCE = control("enum-value-used-at-once")
            .severity(RiskLevel.HIGH)
            .what("A new value of an enum cannot be used in the transaction that adds it.")
            .why("The server answers \"unsafe use of new value\", and the transaction is lost.")
            .safer("commit ALTER TYPE ... ADD VALUE first.")
            .fires("BEGIN; ALTER TYPE order_status ADD VALUE 'lost'; UPDATE orders SET status = 'lost' WHERE id = 1;"
                    + " COMMIT")
            .passes("ALTER TYPE order_status ADD VALUE 'lost'; UPDATE orders SET status = 'lost' WHERE id = 1")
            .manual("sql-altertype.html#SQL-ALTERTYPE-NOTES")
            .refused()
            .when(subject -> Stream.of(subject)
                    .filter(one -> !one.is("AlterEnumStmt") && one.inTransaction())
                    .filter(one -> constants(one.statement().node()).stream()
                            .anyMatch(one.before()::enumValueInThisTransaction))
                    .map(one -> Hit.of("it uses a value that this transaction has added to an enum")));

    private static final Rule TIMEOUT_AFTER_LOCK = control("timeout-after-lock")
            .severity(RiskLevel.MEDIUM)
            .what("lock_timeout is set after a statement that could have waited for a lock.")
            .why("The statements before it wait without end, and everybody who needs their tables waits behind them.")
            .safer("SET lock_timeout at the top of the file.")
            .fires("ALTER TABLE orders ADD COLUMN a int; SET lock_timeout = '2s'; ALTER TABLE orders ADD COLUMN b int")
            .passes("SET lock_timeout = '2s'; ALTER TABLE orders ADD COLUMN a int")
            .manual("runtime-config-client.html#GUC-LOCK-TIMEOUT")
            .when(subject -> Stream.of(subject)
                    .filter(one -> sets(one.statement(), "lock_timeout")
                            && one.before().setting("lock_timeout").isEmpty()
                            && !one.before().alteredTables().isEmpty())
                    .map(one -> Hit.of("statements before this one have waited for locks without a limit")));

    private static final Rule LOCK_TIMEOUT_MISSING = control("lock-timeout-missing")
            .severity(RiskLevel.MEDIUM)
            .optional()
            .what("A lock that others feel is waited for without a lock_timeout.")
            .why("While the statement waits behind a long transaction, everybody else who needs the table waits behind"
                    + " the statement.")
            .safer("SET lock_timeout at the top of the file, and try again when it strikes; Fermata does both itself.")
            .fires("ALTER TABLE orders ADD COLUMN a int")
            .fires("SET lock_timeout = 0; ALTER TABLE orders ADD COLUMN a int")
            .passes("SET lock_timeout = '2s'; ALTER TABLE orders ADD COLUMN a int")
            .passes("CREATE TABLE fresh (a int PRIMARY KEY)")
            .manual("runtime-config-client.html#GUC-LOCK-TIMEOUT")
            .when(subject -> firstWithout("lock_timeout", subject, TransactionRules::isFelt));

    private static final Rule STATEMENT_TIMEOUT_MISSING = control("statement-timeout-missing")
            .severity(RiskLevel.LOW)
            .optional()
            .what("A table is read or written as a whole, under a lock that others feel, without a statement_timeout.")
            .why("What takes seconds on the test database may take an hour on the real one, and nothing ends it.")
            .safer("SET statement_timeout to what the application can do without its table.")
            .fires("CREATE INDEX orders_note ON orders (note)")
            .passes("SET statement_timeout = '1min'; CREATE INDEX orders_note ON orders (note)")
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note)")
            .passes("ALTER TABLE orders ADD COLUMN a int")
            .manual("runtime-config-client.html#GUC-STATEMENT-TIMEOUT")
            .when(subject -> firstWithout(
                    "statement_timeout",
                    subject,
                    lock -> isFelt(lock) && (lock.scans() == Likelihood.YES || lock.rewrites() == Likelihood.YES)));

    private static final Rule SETTING_LEAKS = control("setting-leaks")
            .severity(RiskLevel.LOW)
            .what("SET without LOCAL lasts as long as the session, which may be longer than the file.")
            .why("Through a pooler in transaction mode the setting stays with a connection that others use next,"
                    + " and may never have been set for the next statement of this file.")
            .safer("SET LOCAL inside a transaction; or RESET at the end.")
            .fires("SET search_path = public; ALTER TABLE orders ADD COLUMN a int")
            .passes("SET search_path = public; ALTER TABLE orders ADD COLUMN a int; RESET search_path")
            .passes("BEGIN; SET LOCAL search_path = public; ALTER TABLE orders ADD COLUMN a int; COMMIT")
            .manual("sql-set.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("VariableSetStmt")
                            && one.statement().node().path("kind").asText().equals("VAR_SET_VALUE")
                            && !one.statement().node().path("is_local").asBoolean()
                            && !one.statement().node().path("name").asText().contains("timeout"))
                    .filter(one -> one.later().stream().noneMatch(later -> resets(later, one.statement())))
                    .map(one -> Hit.of("the value of "
                            + one.statement().node().path("name").asText() + " outlives this file")));

    private static final Rule ADVISORY_LOCK_AROUND_CONCURRENTLY = control("advisory-lock-around-concurrently")
            .severity(RiskLevel.HIGH)
            .what("A build CONCURRENTLY under an advisory lock deadlocks with whoever waits for that lock.")
            .why("The waiting session holds a snapshot, and the build waits for all older snapshots: after"
                    + " deadlock_timeout one of them is killed.")
            .safer("pg_try_advisory_lock in a loop, or a lease in a table.")
            .fires("SELECT pg_advisory_lock(1); CREATE INDEX CONCURRENTLY orders_note ON orders (note)")
            .passes("SELECT pg_try_advisory_lock(1); CREATE INDEX CONCURRENTLY orders_note ON orders (note)")
            .manual("sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY")
            .when(subject -> Stream.of(subject)
                    .filter(one ->
                            one.profile().description().contains("CONCURRENTLY") && !one.is("RefreshMatViewStmt"))
                    .filter(one -> one.statements().stream()
                            .limit(one.statement().index())
                            .anyMatch(before -> before.kind().equals("SelectStmt")
                                    && Expressions.functions(before.node()).contains("pg_advisory_lock")))
                    .map(one ->
                            Hit.of("an advisory lock is held: a session that waits for it and this one wait for each"
                                    + " other")));

    static final List<Rule> ALL = List.of(
            REFUSED_IN_TRANSACTION,
            SEVERAL_TABLES_LOCKED,
            WORK_UNDER_LOCK,
            NESTED_TRANSACTION,
            UNFINISHED_TRANSACTION,
            COMMIT_WITHOUT_BEGIN,
            PREPARED_TRANSACTION,
            ENUM_VALUE_USED_AT_ONCE,
            TIMEOUT_AFTER_LOCK,
            LOCK_TIMEOUT_MISSING,
            STATEMENT_TIMEOUT_MISSING,
            SETTING_LEAKS,
            ADVISORY_LOCK_AROUND_CONCURRENTLY);

    private TransactionRules() {}

    private static Rule.Draft control(String id) {
        return Rule.named(id, TRANSACTION);
    }

    /** Of statements about tables: what others lock besides, such as an index or a sequence, hangs on one table. */
    private static Stream<RelationLock> blocking(Subject subject) {
        boolean aboutTables = subject.alterTable().isPresent()
                || subject.drop("TABLE").isPresent()
                || Set.of("IndexStmt", "TruncateStmt", "LockStmt", "CreateTrigStmt")
                        .contains(subject.statement().kind());
        return subject.inTransaction() && aboutTables
                ? subject.profile().locks().stream()
                        .filter(lock -> lock.mode().blocksWrites() && subject.isOld(lock.relation()))
                : Stream.empty();
    }

    /** Old tables that the statement reads or changes as a whole, or as it seems. */
    private static Stream<RelationLock> work(Subject subject) {
        if (!subject.inTransaction()) {
            return Stream.empty();
        }
        return subject.profile().locks().stream()
                .filter(lock -> subject.isOld(lock.relation()))
                .filter(lock -> lock.scans() == Likelihood.YES
                        || (lock.mode() == LockMode.ROW_EXCLUSIVE && lock.scans() != Likelihood.NO));
    }

    private static boolean isFelt(RelationLock lock) {
        return lock.mode().blocksWrites();
    }

    /** Of a file without the limit only the first statement that should have it: one SET helps all of them. */
    private static Stream<Hit> firstWithout(String setting, Subject subject, Predicate<RelationLock> needsIt) {
        boolean limited = subject.situation().runner() == Situation.Runner.FERMATA
                || subject.before()
                        .setting(setting)
                        .filter(TransactionRules::isLimit)
                        .isPresent();
        return limited
                ? Stream.empty()
                : subject.profile().locks().stream()
                        .filter(lock -> needsIt.test(lock) && subject.isOld(lock.relation()))
                        .limit(1)
                        .filter(lock -> subject.statements().stream()
                                .limit(subject.statement().index())
                                .flatMap(earlier -> LockModel.profile(earlier).locks().stream())
                                .noneMatch(earlier -> needsIt.test(earlier) && subject.isOld(earlier.relation())))
                        .map(lock -> Hit.of("no " + setting + " is set before this statement, the first to need one")
                                .on(lock.relation()));
    }

    /** Zero in any unit, and what RESET leaves, is none. */
    private static boolean isLimit(String value) {
        return !value.matches("0*\\s*[a-z]*");
    }

    private static Stream<Subject> transaction(Subject subject, Set<String> kinds) {
        return isControl(subject.statement(), kinds) ? Stream.of(subject) : Stream.empty();
    }

    private static boolean isControl(Statement statement, Set<String> kinds) {
        return statement.kind().equals("TransactionStmt")
                && kinds.contains(statement.node().path("kind").asText());
    }

    private static boolean sets(Statement statement, String name) {
        return statement.kind().equals("VariableSetStmt")
                && statement
                        .node()
                        .path("name")
                        .asText()
                        .toLowerCase(Locale.ROOT)
                        .equals(name);
    }

    private static boolean resets(Statement statement, Statement set) {
        return statement.kind().equals("DiscardStmt")
                || (statement.kind().equals("VariableSetStmt")
                        && (statement.node().path("kind").asText().equals("VAR_RESET_ALL")
                                || statement
                                        .node()
                                        .path("name")
                                        .equals(set.node().path("name"))));
    }

    private static Set<String> constants(JsonNode tree) {
        Set<String> constants = new HashSet<>();
        Expressions.each(tree, (kind, node) -> {
            if (kind.equals("A_Const") && node.has("sval")) {
                constants.add(node.path("sval").path("sval").asText());
            }
        });
        return constants;
    }
}
