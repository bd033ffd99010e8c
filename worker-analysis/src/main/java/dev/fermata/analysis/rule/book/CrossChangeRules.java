package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.CROSS_CHANGE;

import dev.fermata.analysis.rule.Creations;
import dev.fermata.analysis.rule.Departures;
import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Neighbours;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.EffectsModel;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.RelationLock;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.CreateIndex;
import dev.fermata.postgres.tree.CreateTable;
import dev.fermata.postgres.tree.Drop;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What no statement shows alone: work done twice, an order that cannot be, too much at once. */
final class CrossChangeRules {
    private static final int SEVERAL = 3;
    private static final int MANY_TABLES = 6;
    private static final int NAMED_FILES = 5;

    private static final QualifiedName ORDERS = new QualifiedName("public", "orders");

    private static final Rule BUILT_THEN_REWRITTEN = Rule.named("built-then-rewritten", CROSS_CHANGE)
            .bySize()
            .what("An index is built on a table that a later statement of the change writes anew.")
            .why("The rewrite builds all indexes of the table again: the first build was for nothing.")
            .safer("rewrite first, then build the index.")
            .fires("CREATE INDEX CONCURRENTLY orders_note ON orders (note);"
                    + " ALTER TABLE orders ALTER COLUMN quantity TYPE bigint")
            .passes("ALTER TABLE orders ALTER COLUMN quantity TYPE bigint;"
                    + " CREATE INDEX CONCURRENTLY orders_note ON orders (note)")
            .passes("CREATE INDEX CONCURRENTLY orders_note ON orders (note);"
                    + " ALTER TABLE notes ALTER COLUMN order_id TYPE int")
            .manual("sql-altertable.html")
            .when(subject -> rewritten(subject).flatMap(table -> subject.before().indexesOn(table).stream()
                    .limit(1)
                    .map(index -> Hit.of("this builds index " + index.name() + ", new in this change, a second time")
                            .on(table))));

    private static final Rule REWRITTEN_TWICE = Rule.named("rewritten-twice", CROSS_CHANGE)
            .bySize()
            .what("Two statements of the change write the same table anew.")
            .why("Each copies every row and builds every index, with reads and writes waiting.")
            .safer("one ALTER TABLE with several commands rewrites the table once.")
            .fires("ALTER TABLE orders ALTER COLUMN quantity TYPE bigint;"
                    + " ALTER TABLE orders ALTER COLUMN data TYPE text")
            .passes("ALTER TABLE orders ALTER COLUMN quantity TYPE bigint, ALTER COLUMN data TYPE text")
            .passes("ALTER TABLE orders ALTER COLUMN quantity TYPE bigint;"
                    + " ALTER TABLE notes ALTER COLUMN order_id TYPE int")
            .manual("sql-altertable.html")
            .when(subject -> rewritten(subject)
                    .filter(table -> subject.statements().stream()
                            .limit(subject.statement().index())
                            .anyMatch(before -> rewrites(before, subject, table)))
                    .map(table -> certainly(subject, table)
                            ? Hit.of(subject.name(table) + " is written anew for a second time in this change")
                                    .on(table)
                            : Hit.of(subject.name(table) + " may be written anew for a second time in this change")
                                    .on(table)
                                    .graded(RiskLevel.MEDIUM)));

    private static final Rule LOCKED_REPEATEDLY = Rule.named("locked-repeatedly", CROSS_CHANGE)
            .severity(RiskLevel.LOW)
            .what("Three or more statements of the change lock the same table against writes, one after the other.")
            .why("Each waits for all running transactions on the table, with everybody else behind it.")
            .safer("several commands in one ALTER TABLE take the lock once, where none of them takes long.")
            .fires("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int;"
                    + " ALTER TABLE orders ADD COLUMN c int")
            .passes("ALTER TABLE orders ADD COLUMN a int, ADD COLUMN b int, ADD COLUMN c int")
            .passes("BEGIN; ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN b int;"
                    + " ALTER TABLE orders ADD COLUMN c int; COMMIT")
            .passes("CREATE TABLE fresh (id int); ALTER TABLE fresh ADD COLUMN a int; ALTER TABLE fresh ADD COLUMN b"
                    + " int; ALTER TABLE fresh ADD COLUMN c int")
            .manual("explicit-locking.html#LOCKING-TABLES")
            .when(subject -> blocked(subject)
                    .filter(table -> !subject.inTransaction())
                    .filter(table -> times(subject, table) == SEVERAL - 1)
                    .map(table -> Hit.of(
                                    "this is the third statement of the change that locks " + table + " against writes")
                            .on(table)));

    private static final Rule MANY_TABLES_LOCKED = Rule.named("many-tables-locked", CROSS_CHANGE)
            .severity(RiskLevel.MEDIUM)
            .what("One change locks six or more existing tables against writes.")
            .why("The more it touches, the more can stop it half-way, and the harder it is to undo.")
            .safer("several changes, each with what belongs together.")
            .fires("ALTER TABLE orders ADD COLUMN z int; ALTER TABLE customers ADD COLUMN z int; ALTER TABLE notes ADD"
                    + " COLUMN z int; ALTER TABLE bookings ADD COLUMN z int; ALTER TABLE crowded ADD COLUMN z int;"
                    + " ALTER TABLE clicks_2028 ADD COLUMN z int")
            .passes("ALTER TABLE orders ADD COLUMN z int; ALTER TABLE customers ADD COLUMN z int; ALTER TABLE notes ADD"
                    + " COLUMN z int; ALTER TABLE bookings ADD COLUMN z int; ALTER TABLE crowded ADD COLUMN z int;"
                    + " ALTER TABLE crowded ADD COLUMN y int")
            .manual("explicit-locking.html#LOCKING-TABLES")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.before().lockedTables().size() < MANY_TABLES)
                    .filter(one -> one.before().lockedTables().size()
                                    + blocked(one)
                                            .filter(table -> times(one, table) == 0)
                                            .count()
                            >= MANY_TABLES)
                    .map(one -> Hit.of("with this the change locks " + MANY_TABLES + " tables or more")));

    private static final Rule USED_BEFORE_CREATED = Rule.named("used-before-created", CROSS_CHANGE)
            .severity(RiskLevel.HIGH)
            .what("A statement uses a table or view that a later statement, or a later file, creates.")
            .why("On a database that does not have it yet the change stops here; where it works, two databases differ.")
            .safer("create it first.")
            .fires("ALTER TABLE later ADD COLUMN a int; CREATE TABLE later (id bigint PRIMARY KEY)")
            .fires(
                    "ALTER TABLE returns ADD COLUMN a int",
                    Situations.among(
                            "where the file after it creates returns",
                            new Neighbours(
                                    Map.of(new QualifiedName("public", "returns"), "003.sql"), Map.of(), "002.sql")))
            .passes("CREATE TABLE later (id bigint PRIMARY KEY); ALTER TABLE later ADD COLUMN a int")
            .passes("DROP TABLE notes; CREATE TABLE notes (id bigint PRIMARY KEY)")
            .passes("ALTER TABLE notes RENAME TO notes_old; CREATE TABLE notes (id bigint PRIMARY KEY)")
            .manual("sql-createtable.html")
            .refused()
            .when(subject -> subject.profile().locks().stream()
                    .map(RelationLock::relation)
                    .filter(name -> !name.name().isEmpty() && !createsItself(subject, name))
                    .filter(name -> !subject.before().created(name)
                            && subject.relation(name).isEmpty())
                    .filter(name ->
                            subject.schema().isPresent() || !subject.drop().isPresent())
                    .flatMap(name -> later(subject, name).stream()
                            .map(where -> Hit.of(name + " is used here, and " + where + " creates it"))));

    private static final Rule LOCKED_BY_SEVERAL_FILES = Rule.named("locked-by-several-files", CROSS_CHANGE)
            .severity(RiskLevel.LOW)
            .what("Three or more of the files lock the same table against writes.")
            .why("Rolled out together, each of them makes the application wait on this table again.")
            .safer("what belongs to one table into one file, or days between them.")
            .fires(
                    "ALTER TABLE orders ADD COLUMN a int",
                    Situations.among(
                            "as the last of three files that lock orders",
                            new Neighbours(
                                    Map.of(), Map.of(ORDERS, List.of("001.sql", "002.sql", "003.sql")), "003.sql")))
            .passes(
                    "ALTER TABLE orders ADD COLUMN a int",
                    Situations.among(
                            "as the second of three files that lock orders",
                            new Neighbours(
                                    Map.of(), Map.of(ORDERS, List.of("001.sql", "002.sql", "003.sql")), "002.sql")))
            .passes("ALTER TABLE orders ADD COLUMN a int")
            .manual("explicit-locking.html#LOCKING-TABLES")
            .when(subject -> subject.situation().neighbours().stream().flatMap(around -> blocked(subject)
                    .filter(table -> times(subject, table) == 0)
                    .flatMap(table -> {
                        List<String> files = around.lockedBy().getOrDefault(table.in("public"), List.of());
                        return files.size() >= SEVERAL && files.getLast().equals(around.self())
                                ? Stream.of(Hit.of(table + " is locked against writes by " + files.size()
                                                + " of these files: " + names(files))
                                        .on(table))
                                : Stream.empty();
                    })));

    private static final Rule DROPPED_THEN_MADE_AGAIN = Rule.named("dropped-then-made-again", CROSS_CHANGE)
            .severity(RiskLevel.MEDIUM)
            .what("A view or index is dropped, and created again under its name later in the change.")
            .why("In between it is missing: queries fail, or go without the index. Grants, comments and what"
                    + " depended on a view do not come back.")
            .safer("CREATE OR REPLACE VIEW; for an index build the new one CONCURRENTLY under another name, drop the"
                    + " old one, rename.")
            .fires("DROP VIEW order_totals; CREATE VIEW order_totals AS SELECT customer_id, total FROM orders")
            .fires("DROP INDEX orders_status; CREATE INDEX orders_status ON orders (status, id)")
            .passes("CREATE OR REPLACE VIEW order_totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP"
                    + " BY customer_id")
            .passes("DROP INDEX CONCURRENTLY IF EXISTS orders_new; CREATE INDEX CONCURRENTLY orders_new ON orders"
                    + " (note)")
            .passes("BEGIN; DROP VIEW order_totals; CREATE VIEW order_totals AS SELECT id FROM orders; COMMIT")
            .manual("sql-createview.html")
            .when(subject -> made(subject).stream()
                    .filter(name -> !subject.inTransaction() && subject.before().dropped(name))
                    .filter(name -> subject.is("ViewStmt") || !droppedIfThere(subject, name))
                    .map(name -> Hit.of(name + " was dropped above; from there to here it is missing")));

    static final List<Rule> ALL = List.of(
            BUILT_THEN_REWRITTEN,
            REWRITTEN_TWICE,
            LOCKED_REPEATEDLY,
            MANY_TABLES_LOCKED,
            USED_BEFORE_CREATED,
            LOCKED_BY_SEVERAL_FILES,
            DROPPED_THEN_MADE_AGAIN);

    private CrossChangeRules() {}

    private static Stream<WrittenName> rewritten(Subject subject) {
        return subject.profile().locks().stream()
                .filter(lock -> lock.rewrites() == Likelihood.YES
                        || (lock.rewrites() == Likelihood.DEPENDS && rewritesHere(subject, lock.relation())))
                .map(RelationLock::relation)
                .filter(subject::isOld);
    }

    /** Text alone often leaves open whether a new type rewrites. */
    private static boolean certainly(Subject subject, WrittenName table) {
        return subject.schema().isPresent()
                || subject.profile().locks().stream()
                        .anyMatch(lock -> lock.rewrites() == Likelihood.YES
                                && lock.relation().equals(table));
    }

    private static boolean rewritesHere(Subject subject, WrittenName table) {
        return subject.relation(table)
                .flatMap(relation -> subject.effects().flatMap(effects -> effects.on(relation.name())))
                .map(effect -> effect.rewrites() == Likelihood.YES)
                .orElse(subject.schema().isEmpty());
    }

    private static boolean rewrites(Statement before, Subject subject, WrittenName table) {
        int version = subject.situation().majorVersion();
        Optional<Relation> known = subject.relation(table);
        if (known.isPresent()) {
            return EffectsModel.of(before, version, subject.schema().orElseThrow())
                    .on(known.orElseThrow().name())
                    .filter(effect -> effect.rewrites() == Likelihood.YES)
                    .isPresent();
        }
        return LockModel.profile(before, version).locks().stream()
                .anyMatch(lock -> lock.rewrites() != Likelihood.NO
                        && lock.relation().in("public").equals(table.in("public")));
    }

    private static Stream<WrittenName> blocked(Subject subject) {
        return subject.profile().locks().stream()
                .filter(lock -> lock.mode().blocksWrites())
                .map(RelationLock::relation)
                .filter(subject::isOld);
    }

    private static int times(Subject subject, WrittenName table) {
        return subject.before().lockedTables().getOrDefault(table.in("public"), 0);
    }

    /** Of a folder, so that the last part of each path says it; of many only the last ones. */
    private static String names(List<String> files) {
        List<String> last = files.subList(Math.max(0, files.size() - NAMED_FILES), files.size());
        return (last.size() < files.size() ? "... " : "")
                + last.stream()
                        .map(file -> String.valueOf(Path.of(file).getFileName()))
                        .collect(Collectors.joining(", "));
    }

    private static Optional<WrittenName> made(Subject subject) {
        Statement statement = subject.statement();
        return statement.kind().equals("ViewStmt")
                ? Names.of(statement.node().path("view"))
                : CreateIndex.of(statement)
                        .filter(index -> !index.name().isEmpty())
                        .map(index -> new WrittenName(index.table().schema(), index.name()));
    }

    /** DROP INDEX IF EXISTS before a build takes away what a failed one has left. */
    private static boolean droppedIfThere(Subject subject, WrittenName name) {
        return subject.statements().stream()
                .limit(subject.statement().index())
                .flatMap(before -> Drop.of(before).stream())
                .anyMatch(drop -> drop.ifExists() && drop.names().contains(name));
    }

    private static boolean createsItself(Subject subject, WrittenName name) {
        return Creations.of(subject.statement())
                .filter(made -> made.in("public").equals(name.in("public")))
                .isPresent();
    }

    /** For people: who creates it later. Nobody, if it is there and makes room first. */
    private static Optional<String> later(Subject subject, WrittenName name) {
        if (Departures.of(subject.statement()).contains(name.in("public"))) {
            return Optional.empty();
        }
        for (Statement later : subject.later()) {
            if (Departures.of(later).contains(name.in("public"))) {
                return Optional.empty();
            }
            boolean sure =
                    CreateTable.of(later).map(table -> !table.ifNotExists()).orElse(true);
            if (sure
                    && Creations.of(later)
                            .filter(made -> made.in("public").equals(name.in("public")))
                            .isPresent()) {
                return Optional.of("line " + later.line());
            }
        }
        return subject.situation().neighbours().map(around -> around.madeLater().get(name.in("public")));
    }
}
