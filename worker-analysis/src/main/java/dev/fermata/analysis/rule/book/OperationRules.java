package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.OPERATION;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ConstraintDefinition;
import dev.fermata.postgres.tree.ConstraintDefinition.Kind;
import dev.fermata.postgres.tree.CreateIndex;
import dev.fermata.postgres.tree.CreateTable;
import dev.fermata.postgres.tree.Expressions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What costs later: every write, every day, at the next failure. */
final class OperationRules {
    private static final int MANY_COLUMNS = 4;
    private static final int MANY_INDEXES = 8;
    private static final int MANY_PARTITIONS = 64;

    private static final Rule FOREIGN_KEY_WITHOUT_INDEX = Rule.named("foreign-key-without-index", OPERATION)
            .severity(RiskLevel.MEDIUM)
            .what("No index begins with the columns of a new foreign key.")
            .why("Each DELETE, or change of the key, in the table it points to looks through all of this table.")
            .safer("CREATE INDEX CONCURRENTLY on the columns of the foreign key, before the constraint is added.")
            .fires("ALTER TABLE notes ADD CONSTRAINT notes_order FOREIGN KEY (order_id) REFERENCES orders NOT VALID")
            .fires("CREATE TABLE returns (id bigint PRIMARY KEY, order_id bigint REFERENCES orders)")
            .passes("CREATE INDEX CONCURRENTLY notes_order_id ON notes (order_id); ALTER TABLE notes ADD CONSTRAINT"
                    + " notes_order FOREIGN KEY (order_id) REFERENCES orders NOT VALID")
            .passes("CREATE TABLE returns (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);"
                    + " CREATE INDEX returns_order ON returns (order_id, id)")
            .passes("CREATE TABLE extras (order_id bigint PRIMARY KEY REFERENCES orders)")
            .manual("ddl-constraints.html#DDL-CONSTRAINTS-FK")
            .when(subject -> newForeignKeys(subject)
                    .filter(key -> !isIndexed(subject, key.table(), key.columns()))
                    .map(key -> Hit.of("no index of " + key.table() + " begins with " + Names.columns(key.columns()))
                            .at(key.offset())));

    private static final Rule DUPLICATE_INDEX = Rule.named("redundant-index", OPERATION)
            .severity(RiskLevel.LOW)
            .what("A new index begins another one, or is the same: queries gain nothing from it.")
            .why("Every write keeps it, it takes memory and disk, and VACUUM has to pass it.")
            .safer("leave it out, or drop the shorter one when the longer one is there.")
            .fires("CREATE INDEX CONCURRENTLY again ON orders (status)", Situations.REST)
            .fires("CREATE TABLE fresh (a int, b int); CREATE INDEX x ON fresh (a, b); CREATE INDEX y ON fresh (a)")
            .passes("CREATE INDEX CONCURRENTLY again ON orders (status) WHERE quantity > 1", Situations.REST)
            .passes("CREATE TABLE fresh (a int, b int); CREATE INDEX x ON fresh (a, b); CREATE INDEX y ON fresh (b)")
            .passes("CREATE TABLE fresh (a int, b int); CREATE INDEX x ON fresh (a, b);"
                    + " CREATE UNIQUE INDEX y ON fresh (a)")
            .manual("indexes-multicolumn.html")
            .when(subject -> subject
                    .createIndex()
                    .filter(index -> !index.partial()
                            && !index.unique()
                            && index.method().equals("btree")
                            && !index.keys().contains(""))
                    .stream()
                    .flatMap(index -> covering(subject, index).limit(1))
                    .map(other -> Hit.of("the index " + other + " serves the same queries")));

    private static final Rule MANY_COLUMN_INDEX = Rule.named("many-column-index", OPERATION)
            .severity(RiskLevel.LOW)
            .what("An index has more than three key columns.")
            .why("Only queries that give its first columns use it, it is large, and any change of one of its columns"
                    + " writes it.")
            .safer("the two or three columns that select most; what is only read along goes into INCLUDE.")
            .fires("CREATE TABLE fresh (a int, b int, c int, d int); CREATE INDEX wide ON fresh (a, b, c, d)")
            .passes("CREATE TABLE fresh (a int, b int, c int, d int); CREATE INDEX ok ON fresh (a, b) INCLUDE (c, d)")
            .passes("CREATE TABLE fresh (a int, b int, c int, d int); CREATE UNIQUE INDEX k ON fresh (a, b, c, d)")
            .manual("indexes-multicolumn.html")
            .when(subject -> subject.createIndex().stream()
                    .filter(index -> !index.unique()
                            && index.method().equals("btree")
                            && index.keys().size() >= MANY_COLUMNS)
                    .map(index -> Hit.of("it has " + index.keys().size() + " key columns")));

    private static final Rule MUCH_INDEXED = Rule.named("much-indexed-table", OPERATION)
            .severity(RiskLevel.LOW)
            .what("A table that has many indexes gets one more.")
            .why("Every INSERT writes all of them, and every UPDATE that changes an indexed column, too.")
            .safer("look in pg_stat_user_indexes for one that nobody uses, and drop it first.")
            .fires("CREATE INDEX CONCURRENTLY one_more ON crowded (i)", Situations.REST)
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note)", Situations.REST)
            .manual("indexes-examine.html")
            .when(subject -> subject.createIndex().stream()
                    .flatMap(index -> subject
                            .relation(index.table())
                            .filter(table -> table.indexes().size() >= MANY_INDEXES)
                            .map(table -> Hit.of(index.table() + " has "
                                            + table.indexes().size() + " indexes already")
                                    .on(index.table()))
                            .stream()));

    private static final Rule AUTOVACUUM_DISABLED = Rule.named("autovacuum-disabled", OPERATION)
            .severity(RiskLevel.MEDIUM)
            .what("Autovacuum is switched off for a table.")
            .why("Dead rows pile up and statistics grow old until somebody remembers; against wraparound it comes"
                    + " all the same, at the worst time.")
            .safer("other thresholds: autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay.")
            .fires("ALTER TABLE orders SET (autovacuum_enabled = false)")
            .passes("ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.01)")
            .passes("ALTER TABLE orders SET (autovacuum_enabled = true)")
            .manual("sql-createtable.html#RELOPTION-AUTOVACUUM-ENABLED")
            .when(subject -> subject.alterTable().stream().flatMap(alter -> alter.commands("AT_SetRelOptions")
                    .filter(command ->
                            command.parameters().stream().anyMatch(name -> name.endsWith("autovacuum_enabled"))
                                    && command.definition().toString().matches("(?s).*\"(false|off|0)\".*"))
                    .map(command -> Hit.of("nobody vacuums " + alter.table() + " any more")
                            .on(alter.table())
                            .at(command.offset()))));

    private static final Rule SEQUENCE_STARTS_BELOW = Rule.named("sequence-starts-below-data", OPERATION)
            .severity(RiskLevel.HIGH)
            .what("A column with rows gets numbers from a sequence that is not moved behind them.")
            .why("The first INSERTs get numbers that are taken: they fail, or there are duplicates.")
            .safer("SELECT setval(...) to the largest number in the table, in the same transaction.")
            .fires("ALTER TABLE notes ALTER COLUMN id SET DEFAULT nextval('invoice_numbers')")
            .passes("ALTER TABLE notes ALTER COLUMN id SET DEFAULT nextval('invoice_numbers');"
                    + " SELECT setval('invoice_numbers', (SELECT max(id) FROM notes))")
            .passes("CREATE TABLE fresh (id bigint);"
                    + " ALTER TABLE fresh ALTER COLUMN id SET DEFAULT nextval('invoice_numbers')")
            .manual("functions-sequence.html")
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands(
                            "AT_ColumnDefault", "AT_AddIdentity")
                    .filter(command -> command.is("AT_AddIdentity")
                            || Expressions.functions(command.definition()).contains("nextval"))
                    .filter(command -> !subject.before().addedColumn(alter.table(), command.name()))
                    .filter(command -> subject.statements().stream().noneMatch(OperationRules::movesSequence))
                    .map(command -> Hit.of(
                                    command.name() + " of " + alter.table() + " gets numbers that its rows may have")
                            .on(alter.table())
                            .at(command.offset()))));

    private static final Rule MANY_PARTITIONS_AT_ONCE = Rule.named("many-partitions-in-one-change", OPERATION)
            .severity(RiskLevel.LOW)
            .what("One change makes a great many partitions.")
            .why("Planning a query opens all that it cannot exclude, and one transaction that touches them all runs"
                    + " out of room for locks (max_locks_per_transaction).")
            .safer("as many as the next months need, and a job that makes the next ones in time.")
            .fires(partitions(MANY_PARTITIONS))
            .passes(partitions(2))
            .manual("ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-BEST-PRACTICES")
            .when(subject -> subject.createTable().stream()
                    .filter(CreateTable::partition)
                    .filter(table -> partitionsBefore(subject) == MANY_PARTITIONS - 1)
                    .map(table -> Hit.of("this is partition number " + MANY_PARTITIONS + " of this change")));

    private static final Rule MATVIEW_WITHOUT_UNIQUE_INDEX = Rule.named("matview-without-unique-index", OPERATION)
            .severity(RiskLevel.LOW)
            .what("A materialized view without a unique index cannot be refreshed CONCURRENTLY.")
            .why("Each REFRESH locks its readers out for as long as its query takes.")
            .safer("CREATE UNIQUE INDEX on plain columns of it, right after it is made.")
            .fires("CREATE MATERIALIZED VIEW by_day AS SELECT 1 AS day")
            .passes("CREATE MATERIALIZED VIEW by_day AS SELECT 1 AS day; CREATE UNIQUE INDEX by_day_key ON by_day"
                    + " (day)")
            .manual("sql-refreshmaterializedview.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("CreateTableAsStmt")
                            && one.statement().node().path("objtype").asText().equals("OBJECT_MATVIEW"))
                    .flatMap(one -> Names.of(one.statement().node().path("into").path("rel")).stream())
                    .filter(view -> subject.later().stream()
                            .flatMap(later -> CreateIndex.of(later).stream())
                            .noneMatch(index ->
                                    index.unique() && index.table().in("public").equals(view.in("public"))))
                    .map(view -> Hit.of(view + " can only be refreshed with its readers locked out")));

    private static final Rule CREATE_RULE = Rule.named("create-rule", OPERATION)
            .severity(RiskLevel.MEDIUM)
            .what("A rule rewrites queries before they run, which few expect.")
            .why("Volatile functions are called several times, RETURNING and COPY behave differently, and row counts"
                    + " mislead the application.")
            .safer("a trigger; for views an INSTEAD OF trigger.")
            .fires("CREATE RULE r AS ON INSERT TO notes DO NOTHING")
            .passes("CREATE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION touch()")
            .manual("rules-triggers.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("RuleStmt"))
                    .map(one -> Hit.of("queries on its table are rewritten by a rule")));

    private static final Rule NOT_RETROACTIVE = Rule.named("parameter-not-retroactive", OPERATION)
            .severity(RiskLevel.LOW)
            .what("fillfactor, STORAGE and COMPRESSION hold for rows written from now on.")
            .why("The rows that are there stay as they are until each is written again.")
            .safer("expect the effect with time; or rewrite the table with pg_repack.")
            .fires("ALTER TABLE orders SET (fillfactor = 80)")
            .fires("ALTER TABLE orders ALTER COLUMN note SET COMPRESSION pglz")
            .passes("CREATE TABLE fresh (a text); ALTER TABLE fresh SET (fillfactor = 80)")
            .manual("sql-altertable.html")
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands().stream()
                    .filter(command -> command.is("AT_SetStorage", "AT_SetCompression")
                            || (command.is("AT_SetRelOptions")
                                    && command.parameters().contains("fillfactor")))
                    .map(command -> Hit.of("the rows of " + alter.table() + " that are there stay as they are")
                            .on(alter.table())
                            .at(command.offset()))));

    private static final Rule NEW_TABLE_LOCKS_REFERENCED = Rule.named("new-table-locks-referenced", OPERATION)
            .byTraffic()
            .what("CREATE TABLE with a foreign key locks the table it points to against writes.")
            .why("SHARE ROW EXCLUSIVE for a moment: it waits for all writers of that table, and later ones wait behind"
                    + " it.")
            .safer("a short lock_timeout and retries, as Fermata does.")
            .fires("CREATE TABLE returns (order_id bigint PRIMARY KEY REFERENCES orders)")
            .passes("CREATE TABLE fresh (id bigint PRIMARY KEY);"
                    + " CREATE TABLE other (id bigint PRIMARY KEY REFERENCES fresh)")
            .manual("explicit-locking.html")
            .when(subject -> subject.createTable().stream().flatMap(table -> table.allConstraints()
                    .filter(constraint -> constraint.kind() == Kind.FOREIGN_KEY)
                    .map(ConstraintDefinition::references)
                    .filter(other -> !other.equals(table.table()) && subject.isOld(other))
                    .distinct()
                    .map(other ->
                            Hit.of("writes to " + other + " wait for a moment").on(other))));

    static final List<Rule> ALL = List.of(
            FOREIGN_KEY_WITHOUT_INDEX,
            DUPLICATE_INDEX,
            MANY_COLUMN_INDEX,
            MUCH_INDEXED,
            AUTOVACUUM_DISABLED,
            SEQUENCE_STARTS_BELOW,
            MANY_PARTITIONS_AT_ONCE,
            MATVIEW_WITHOUT_UNIQUE_INDEX,
            CREATE_RULE,
            NOT_RETROACTIVE,
            NEW_TABLE_LOCKS_REFERENCED);

    private record ForeignKey(WrittenName table, List<String> columns, int offset) {}

    private OperationRules() {}

    private static String partitions(int number) {
        StringBuilder sql = new StringBuilder("CREATE TABLE fresh (a int) PARTITION BY LIST (a)");
        for (int i = 0; i < number; i++) {
            sql.append("; CREATE TABLE fresh_")
                    .append(i)
                    .append(" PARTITION OF fresh FOR VALUES IN (")
                    .append(i)
                    .append(')');
        }
        return sql.toString();
    }

    private static long partitionsBefore(Subject subject) {
        return subject.statements().stream()
                .limit(subject.statement().index())
                .flatMap(statement -> CreateTable.of(statement).stream())
                .filter(CreateTable::partition)
                .count();
    }

    private static Stream<ForeignKey> newForeignKeys(Subject subject) {
        Stream<ForeignKey> ofNewTable = subject.createTable().stream()
                .flatMap(table -> Stream.concat(
                        table.constraints().stream()
                                .filter(constraint -> constraint.kind() == Kind.FOREIGN_KEY)
                                .map(constraint ->
                                        new ForeignKey(table.table(), constraint.columns(), constraint.offset())),
                        table.columns().stream().flatMap(column -> column.clauses(Kind.FOREIGN_KEY)
                                .map(clause ->
                                        new ForeignKey(table.table(), List.of(column.name()), clause.offset())))));
        Stream<ForeignKey> added = subject.alterTable().stream().flatMap(alter -> alter.commands().stream()
                .flatMap(command -> Stream.concat(
                        command.constraint().stream()
                                .filter(constraint -> constraint.kind() == Kind.FOREIGN_KEY)
                                .map(constraint ->
                                        new ForeignKey(alter.table(), constraint.columns(), command.offset())),
                        command.column().stream().flatMap(column -> column.clauses(Kind.FOREIGN_KEY)
                                .map(clause ->
                                        new ForeignKey(alter.table(), List.of(column.name()), command.offset()))))));
        return Stream.concat(ofNewTable, added);
    }

    /** By the database, by the keys of a table made here, or by an index or key of any statement of the change. */
    private static boolean isIndexed(Subject subject, WrittenName table, List<String> columns) {
        List<List<String>> keys = new ArrayList<>();
        subject.relation(table).ifPresent(relation -> relation.indexes().stream()
                .filter(index -> index.predicate() == null)
                .map(Index::keys)
                .forEach(keys::add));
        for (Statement statement : subject.statements()) {
            CreateIndex.of(statement)
                    .filter(index -> isSame(index.table(), table))
                    .ifPresent(index -> keys.add(index.keys()));
            CreateTable.of(statement)
                    .filter(made -> isSame(made.table(), table))
                    .ifPresent(made -> {
                        made.constraints().stream()
                                .filter(OperationRules::isKey)
                                .map(ConstraintDefinition::columns)
                                .forEach(keys::add);
                        made.columns().stream()
                                .filter(column -> column.has(Kind.PRIMARY_KEY) || column.has(Kind.UNIQUE))
                                .forEach(column -> keys.add(List.of(column.name())));
                    });
            AlterTable.of(statement)
                    .filter(alter -> isSame(alter.table(), table))
                    .ifPresent(alter -> alter.commands().forEach(command -> {
                        command.constraint()
                                .filter(OperationRules::isKey)
                                .ifPresent(constraint -> keys.add(constraint.columns()));
                        command.column()
                                .filter(column -> column.has(Kind.PRIMARY_KEY) || column.has(Kind.UNIQUE))
                                .ifPresent(column -> keys.add(List.of(column.name())));
                    }));
        }
        return keys.stream()
                .anyMatch(key -> key.size() >= columns.size()
                        && key.subList(0, columns.size()).containsAll(columns));
    }

    private static boolean isKey(ConstraintDefinition constraint) {
        return constraint.kind() == Kind.PRIMARY_KEY || constraint.kind() == Kind.UNIQUE;
    }

    private static boolean isSame(WrittenName one, WrittenName other) {
        return one.in("public").equals(other.in("public"));
    }

    private static Stream<String> covering(Subject subject, CreateIndex index) {
        Stream<String> here = subject.before().indexesOn(index.table()).stream()
                .filter(other ->
                        !other.partial() && other.method().equals("btree") && begins(index.keys(), other.keys()))
                .map(CreateIndex::name);
        Stream<String> there = subject.relation(index.table()).stream()
                .flatMap(relation -> relation.indexes().stream())
                .filter(other -> other.valid()
                        && other.predicate() == null
                        && other.method().equals("btree")
                        && begins(index.keys(), other.keys()))
                .map(other -> other.name().name());
        return Stream.concat(here, there);
    }

    private static boolean begins(List<String> keys, List<String> others) {
        return others.size() >= keys.size() && others.subList(0, keys.size()).equals(keys);
    }

    private static boolean movesSequence(Statement statement) {
        return Expressions.functions(statement.node()).contains("setval")
                || statement.text().toLowerCase(Locale.ROOT).contains("restart");
    }
}
