package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.COMPATIBILITY;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Dependant;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.Expressions;
import dev.fermata.postgres.tree.Rename;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the application that runs now will not survive. */
final class CompatibilityRules {
    private static final String WHY_NAMES =
            "Code that uses the old name fails from the moment this commits, and code with the new name before it.";
    private static final Set<String> RELATIONS = Set.of("TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE");

    private static final Rule RENAME_TABLE = Rule.named("rename-table", COMPATIBILITY)
            .severity(RiskLevel.HIGH)
            .what("A table or view that is used gets another name.")
            .why(WHY_NAMES)
            .safer("rename it and make a view of the old name in one transaction; drop the view when nobody uses it;"
                    + " strategy: online does that.")
            .fires("ALTER TABLE orders RENAME TO purchases")
            .passes("CREATE TABLE fresh (a int); ALTER TABLE fresh RENAME TO fresher")
            .manual("sql-altertable.html")
            .when(renames(
                    rename -> RELATIONS.contains(rename.object()),
                    rename -> rename.of() + " is called " + rename.newName() + " from now on"));

    private static final Rule RENAME_COLUMN = Rule.named("rename-column", COMPATIBILITY)
            .severity(RiskLevel.HIGH)
            .what("A column that is used gets another name.")
            .why(WHY_NAMES)
            .safer("add the new column, write both, fill the old rows in batches, read the new one, then drop the old;"
                    + " or strategy: online, under which both names work until nobody uses the old one.")
            .fires("ALTER TABLE orders RENAME COLUMN note TO remark")
            .passes("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders RENAME COLUMN a TO b")
            .manual("sql-altertable.html")
            .when(subject -> renames(
                            rename -> rename.object().equals("COLUMN")
                                    && !subject.before().addedColumn(rename.of(), rename.oldName()),
                            rename -> rename.oldName() + " of " + rename.of() + " is called " + rename.newName()
                                    + " from now on")
                    .apply(subject));

    private static final Rule RENAME_OTHER = Rule.named("rename-other", COMPATIBILITY)
            .severity(RiskLevel.MEDIUM)
            .what("A schema, type, function or sequence that is used gets another name.")
            .why(WHY_NAMES)
            .safer("make the new one beside the old one, and remove the old one when nobody uses it.")
            .fires("ALTER TYPE order_status RENAME TO purchase_status")
            .fires("ALTER FUNCTION touch() RENAME TO touched")
            .passes("ALTER INDEX orders_status RENAME TO orders_by_status")
            .passes("ALTER TABLE orders RENAME CONSTRAINT orders_pkey TO orders_key")
            .manual("sql-altertype.html")
            .when(renames(
                    rename -> Set.of("SCHEMA", "TYPE", "DOMAIN", "FUNCTION", "PROCEDURE", "ROUTINE", "SEQUENCE")
                            .contains(rename.object()),
                    rename -> (rename.of().name().isEmpty()
                                    ? rename.oldName()
                                    : rename.of().toString()) + " is called " + rename.newName() + " from now on"));

    private static final Rule RENAME_ENUM_VALUE = Rule.named("rename-enum-value", COMPATIBILITY)
            .severity(RiskLevel.HIGH)
            .what("A value of an enum gets another name.")
            .why("Code that writes or compares the old value fails from the moment this commits.")
            .safer("add the new value, let the code accept both, change the rows in batches.")
            .fires("ALTER TYPE order_status RENAME VALUE 'sent' TO 'shipped'")
            .passes("ALTER TYPE order_status ADD VALUE 'shipped'")
            .manual("sql-altertype.html")
            .when(subject -> Stream.of(subject)
                    .filter(one ->
                            one.is("AlterEnumStmt") && one.statement().node().has("oldVal"))
                    .map(one -> Hit.of("code that knows the old value of the enum fails")));

    private static final Rule REQUIRED_COLUMN = Rule.named("required-column", COMPATIBILITY)
            .severity(RiskLevel.HIGH)
            .what("ADD COLUMN NOT NULL without a default is refused on a table with rows, and breaks old INSERTs.")
            .why("Existing rows would have no value; and code that does not know the column yet inserts none.")
            .safer("give it a constant DEFAULT, which costs nothing; or add it without NOT NULL, fill it, then SET NOT"
                    + " NULL.")
            .fires("ALTER TABLE orders ADD COLUMN channel text NOT NULL")
            .passes("ALTER TABLE orders ADD COLUMN channel text NOT NULL DEFAULT 'web'")
            .passes("ALTER TABLE orders ADD COLUMN channel text")
            .manual("sql-altertable.html")
            .refused()
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_AddColumn")
                    .filter(command -> command.column()
                            .filter(column -> column.notNull() && !column.fillsItself())
                            .isPresent())
                    .map(command -> Hit.of("it is refused if " + alter.table()
                                    + " has a row, and INSERTs that do not know the column fail")
                            .on(alter.table())
                            .at(command.offset()))));

    private static final Rule SET_SCHEMA = Rule.named("set-schema", COMPATIBILITY)
            .severity(RiskLevel.HIGH)
            .what("SET SCHEMA moves an object away from where code looks for it.")
            .why("Code that names the old schema, or whose search_path lacks the new one, fails from the moment this"
                    + " commits.")
            .safer("leave a view of the old name where it was, or put the new schema into every search_path first.")
            .fires("ALTER TABLE orders SET SCHEMA archive")
            .passes("CREATE TABLE fresh (a int); ALTER TABLE fresh SET SCHEMA archive")
            .manual("sql-altertable.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("AlterObjectSchemaStmt"))
                    .flatMap(one -> Names.of(one.statement().node().path("relation")).stream())
                    .filter(subject::isOld)
                    .map(table -> Hit.of(table + " is no longer where code looks for it")
                            .on(table)));

    private static final Rule VIEW_SELECT_STAR = Rule.named("view-select-star", COMPATIBILITY)
            .severity(RiskLevel.LOW)
            .what("A view made with SELECT * keeps the columns of the day it was made.")
            .why("Columns added later are missing from it, and one that is dropped cannot be, because the view uses"
                    + " it.")
            .safer("name the columns.")
            .fires("CREATE VIEW all_notes AS SELECT * FROM notes")
            .passes("CREATE VIEW all_notes AS SELECT id, body FROM notes")
            .passes("CREATE VIEW counted AS SELECT count(*) FROM notes")
            .manual("sql-createview.html#SQL-CREATEVIEW-NOTES")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("ViewStmt")
                            && Expressions.columns(one.statement().node().path("query"))
                                    .contains("*"))
                    .map(one -> Hit.of("the view does not follow the columns of its tables")));

    private static final Rule CACHED_PLANS = Rule.named("cached-plans", COMPATIBILITY)
            .severity(RiskLevel.LOW)
            .what("A change of a column's type breaks statements that sessions have prepared.")
            .why("EXECUTE answers \"cached plan must not change result type\" until the statement is prepared anew;"
                    + " drivers with a statement cache prepare for a connection's life.")
            .safer("let the application retry that error, or recycle its connections right after the change.")
            .fires("ALTER TABLE orders ALTER COLUMN note TYPE varchar(200)")
            .passes("CREATE TABLE fresh (a int); ALTER TABLE fresh ALTER COLUMN a TYPE bigint")
            .manual("sql-prepare.html#SQL-PREPARE-NOTES")
            .when(subject -> ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_AlterColumnType")
                    .map(command -> Hit.of("statements prepared before that read " + command.name() + " of "
                                    + alter.table() + " fail until they are prepared anew")
                            .on(alter.table())
                            .at(command.offset()))));

    private static final Rule ROW_SECURITY_WITHOUT_POLICY = Rule.named("row-security-without-policy", COMPATIBILITY)
            .severity(RiskLevel.HIGH)
            .what("ENABLE ROW LEVEL SECURITY on a table without a policy hides all of its rows.")
            .why("Without a policy nothing is allowed: everybody but the owner sees an empty table from the moment this"
                    + " commits.")
            .safer("create the policies first, then enable them.")
            .fires("ALTER TABLE orders ENABLE ROW LEVEL SECURITY")
            .passes("CREATE POLICY p ON orders USING (true); ALTER TABLE orders ENABLE ROW LEVEL SECURITY")
            .passes("ALTER TABLE customers ENABLE ROW LEVEL SECURITY", Situations.REST)
            .manual("ddl-rowsecurity.html")
            .when(subject -> ConstraintRules.alterOld(subject)
                    .filter(alter -> subject.relation(alter.table())
                            .filter(table -> !table.policies().isEmpty())
                            .isEmpty())
                    .filter(alter ->
                            subject.statements().stream().noneMatch(other -> makesPolicy(other, alter.table())))
                    .flatMap(alter -> alter.commands("AT_EnableRowSecurity")
                            .map(command -> Hit.of("everybody but the owner sees no row of " + alter.table())
                                    .on(alter.table())
                                    .at(command.offset()))));

    private static final Rule DROP_BREAKS_DEPENDANTS = Rule.named("drop-breaks-dependants", COMPATIBILITY)
            .severity(RiskLevel.HIGH)
            .what("A table or column is dropped that views, functions or policies of this database use.")
            .why("What the catalog knows makes the server refuse the drop; a function that only mentions the name fails"
                    + " when it is called next.")
            .safer("change or drop the dependants first, by name.")
            .fires("ALTER TABLE orders DROP COLUMN total", Situations.REST)
            .passes("ALTER TABLE orders DROP COLUMN note", Situations.REST)
            .manual("ddl-depend.html")
            .refused()
            .when(subject -> Stream.concat(
                    subject.drop("TABLE").stream()
                            .flatMap(drop -> drop.names().stream())
                            .flatMap(table -> used(subject, table, dependant -> true)
                                    .map(names -> Hit.of(table + " is used by " + names)
                                            .on(table))),
                    ConstraintRules.alterOld(subject).flatMap(alter -> alter.commands("AT_DropColumn")
                            .flatMap(command -> used(subject, alter.table(), dependant -> dependant
                                            .columns()
                                            .contains(command.name()))
                                    .map(names -> hit(command, alter.table(), names))))));

    private static final Rule TYPE_USED_BY_VIEW = Rule.named("type-used-by-view", COMPATIBILITY)
            .severity(RiskLevel.HIGH)
            .what("The type of a column cannot change while a view, rule or policy uses it.")
            .why("The server refuses it with error 0A000, and the change stops there.")
            .safer("drop the view, change the type and make the view again, in one transaction.")
            .fires("ALTER TABLE orders ALTER COLUMN total TYPE numeric(12, 2)", Situations.REST)
            .passes("ALTER TABLE orders ALTER COLUMN note TYPE varchar(200)", Situations.REST)
            .manual("sql-altertable.html")
            .refused()
            .when(subject -> ConstraintRules.alterOld(subject)
                    .flatMap(alter -> alter.commands("AT_AlterColumnType").flatMap(command -> used(
                                    subject,
                                    alter.table(),
                                    dependant -> dependant.columns().contains(command.name())
                                            && Set.of("view", "materialized view", "rule", "policy")
                                                    .contains(dependant.kind()))
                            .map(names -> hit(command, alter.table(), names)))));

    static final List<Rule> ALL = List.of(
            RENAME_TABLE,
            RENAME_COLUMN,
            RENAME_OTHER,
            RENAME_ENUM_VALUE,
            REQUIRED_COLUMN,
            SET_SCHEMA,
            VIEW_SELECT_STAR,
            CACHED_PLANS,
            ROW_SECURITY_WITHOUT_POLICY,
            DROP_BREAKS_DEPENDANTS,
            TYPE_USED_BY_VIEW);

    private CompatibilityRules() {}

    private static Hit hit(AlterCommand command, WrittenName table, String names) {
        return Hit.of(command.name() + " of " + table + " is used by " + names)
                .on(table)
                .at(command.offset());
    }

    private static Function<Subject, Stream<Hit>> renames(Predicate<Rename> which, Function<Rename, String> message) {
        return subject -> subject.rename().filter(which).stream()
                .filter(rename -> !subject.before().created(rename.of()))
                .map(rename -> Hit.of(message.apply(rename)));
    }

    private static boolean makesPolicy(Statement statement, WrittenName table) {
        return statement.kind().equals("CreatePolicyStmt")
                && Names.of(statement.node().path("table"))
                        .filter(one -> one.in("public").equals(table.in("public")))
                        .isPresent();
    }

    /** The names of what uses the table so and is not dropped by this change before; empty for none. */
    private static Stream<String> used(Subject subject, WrittenName table, Predicate<Dependant> how) {
        List<String> names = subject.relation(table).stream()
                .flatMap(relation -> subject.schema().orElseThrow().dependants(relation.name()).stream())
                .filter(dependant -> !Set.of("trigger", "foreign key", "sequence", "publication", "default")
                        .contains(dependant.kind()))
                .filter(how)
                .filter(dependant -> !isDropped(subject, dependant))
                .map(dependant -> dependant.kind() + " " + dependant.name())
                .distinct()
                .sorted()
                .collect(Collectors.toList());
        return names.isEmpty() ? Stream.empty() : Stream.of(String.join(", ", names));
    }

    private static boolean isDropped(Subject subject, Dependant dependant) {
        int dot = dependant.name().lastIndexOf('.');
        return dot > 0
                && subject.before()
                        .dropped(new WrittenName(
                                dependant.name().substring(0, dot),
                                dependant.name().substring(dot + 1)));
    }
}
