package dev.fermata.analysis.rule.book;

import static dev.fermata.analysis.rule.Family.HYGIENE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ColumnDefinition;
import dev.fermata.postgres.tree.ConstraintDefinition.Kind;
import dev.fermata.postgres.tree.CreateTable;
import dev.fermata.postgres.tree.Expressions;
import dev.fermata.postgres.tree.TypeName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** What is legal, works today, and is regretted. */
final class HygieneRules {
    private static final int LONGEST_NAME = 63;
    private static final Set<String> CLOCK_WORDS = Set.of("now", "today", "tomorrow", "yesterday");

    private static final Rule MISSING_PRIMARY_KEY = Rule.named("missing-primary-key", HYGIENE)
            .severity(RiskLevel.MEDIUM)
            .what("A new table has no primary key.")
            .why("Its rows cannot be told apart: duplicates cannot be deleted one by one, logical replication refuses"
                    + " UPDATE and DELETE, and batches have no order to go by.")
            .safer("id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, or the columns that identify a row.")
            .fires("CREATE TABLE fresh (a int)")
            .passes("CREATE TABLE fresh (a int PRIMARY KEY)")
            .passes("CREATE TABLE fresh (a int); ALTER TABLE fresh ADD PRIMARY KEY (a)")
            .passes("CREATE TEMPORARY TABLE fresh (a int)")
            .passes("CREATE TABLE fresh (LIKE orders INCLUDING ALL)")
            .manual("ddl-constraints.html#DDL-CONSTRAINTS-PRIMARY-KEYS")
            .when(subject -> subject.createTable().stream()
                    .filter(table -> table.persistence() != 't'
                            && !table.partition()
                            && table.parents().isEmpty()
                            && table.like().isEmpty())
                    .filter(table -> table.allConstraints().noneMatch(one -> one.kind() == Kind.PRIMARY_KEY))
                    .filter(table -> subject.later().stream()
                            .flatMap(later -> AlterTable.of(later).stream())
                            .filter(alter -> alter.table()
                                    .in("public")
                                    .equals(table.table().in("public")))
                            .flatMap(alter -> alter.commands().stream())
                            .noneMatch(command -> command.constraint()
                                            .filter(one -> one.kind() == Kind.PRIMARY_KEY)
                                            .isPresent()
                                    || command.column()
                                            .filter(column -> column.has(Kind.PRIMARY_KEY))
                                            .isPresent()))
                    .map(table -> Hit.of("nothing identifies a row of " + table.table())));

    private static final Rule INT_PRIMARY_KEY = Rule.named("int-primary-key", HYGIENE)
            .severity(RiskLevel.MEDIUM)
            .what("A generated key of four bytes or fewer ends at 2,147,483,647.")
            .why("The INSERT after the last number fails, and the change to bigint copies the table and all that"
                    + " points to it.")
            .safer("bigint.")
            .fires("CREATE TABLE fresh (id serial PRIMARY KEY)")
            .fires("CREATE TABLE fresh (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)")
            .passes("CREATE TABLE fresh (id bigserial PRIMARY KEY)")
            .passes("CREATE TABLE fresh (country int PRIMARY KEY)")
            .manual("datatype-numeric.html#DATATYPE-INT")
            .when(columns(column -> (column.type().is("int4", "int2") && column.has(Kind.IDENTITY))
                            || column.type().is("serial", "serial4", "serial2", "smallserial")
                    ? Stream.of(column.name() + " has room for "
                            + (column.type().is("int2", "smallserial", "serial2") ? "32,767" : "2,147,483,647")
                            + " numbers")
                    : Stream.empty()));

    private static final Rule SERIAL_TYPE = type("serial-type")
            .what("serial makes a sequence that is not part of the column.")
            .why("Whoever inserts needs a right on the sequence too, a copy of the table shares it, and any INSERT"
                    + " can give a number of its own.")
            .safer("GENERATED ALWAYS AS IDENTITY, which is standard SQL.")
            .fires("CREATE TABLE fresh (id bigserial PRIMARY KEY)")
            .passes("CREATE TABLE fresh (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)")
            .manual("ddl-identity-columns.html")
            .when(columns(column -> column.type().isSerial()
                    ? Stream.of(column.name() + " is " + column.type().sql())
                    : Stream.empty()));

    private static final Rule CHAR_TYPE = type("char-type")
            .what("char(n) pads with blanks, and ignores them when it compares.")
            .why("It takes more room than text, gives back what was not written, and surprises LIKE and length.")
            .safer("text, with a CHECK on its length where that matters.")
            .fires("CREATE TABLE fresh (id bigint PRIMARY KEY, code char(3))")
            .passes("CREATE TABLE fresh (id bigint PRIMARY KEY, code text CHECK (length(code) = 3))")
            .manual("datatype-character.html")
            .when(columns(ofType("bpchar")));

    private static final Rule JSON_TYPE = type("json-type")
            .what("json keeps the text as it was written, and has no equality.")
            .why("Each access parses it again, it cannot be indexed by its content, and SELECT DISTINCT or GROUP BY"
                    + " over the column fails.")
            .safer("jsonb.")
            .fires("CREATE TABLE fresh (id bigint PRIMARY KEY, doc json)")
            .passes("CREATE TABLE fresh (id bigint PRIMARY KEY, doc jsonb)")
            .manual("datatype-json.html")
            .when(columns(ofType("json")));

    private static final Rule TIMESTAMP_WITHOUT_ZONE = type("timestamp-without-zone")
            .what("timestamp without time zone does not say which moment it means.")
            .why("What is written depends on the TimeZone of the session that writes it, and nobody can tell"
                    + " afterwards; in the hour that the clock is set back it is ambiguous anyway.")
            .safer("timestamptz, which takes the same eight bytes.")
            .fires("CREATE TABLE fresh (id bigint PRIMARY KEY, made timestamp)")
            .passes("CREATE TABLE fresh (id bigint PRIMARY KEY, made timestamptz)")
            .manual("datatype-datetime.html")
            .when(columns(ofType("timestamp")));

    private static final Rule TIMETZ_TYPE = type("timetz-type")
            .what("time with time zone has an offset but no date.")
            .why("Without a date nobody knows whether summer time holds; the manual itself advises against it.")
            .safer("timestamptz, or time and the name of the zone.")
            .fires("CREATE TABLE fresh (id bigint PRIMARY KEY, opens timetz)")
            .passes("CREATE TABLE fresh (id bigint PRIMARY KEY, opens time)")
            .manual("datatype-datetime.html")
            .when(columns(ofType("timetz")));

    private static final Rule MONEY_TYPE = type("money-type")
            .what("money depends on a setting of the server for its currency and its decimals.")
            .why("The same bytes mean another amount where lc_monetary differs, as after a restore.")
            .safer("numeric, and the currency in a column of its own.")
            .fires("CREATE TABLE fresh (id bigint PRIMARY KEY, price money)")
            .passes("CREATE TABLE fresh (id bigint PRIMARY KEY, price numeric(12, 2))")
            .manual("datatype-money.html")
            .when(columns(ofType("money")));

    private static final Rule FLOAT_FOR_MONEY = type("float-for-money")
            .what("A column that is named like an amount of money has a binary floating-point type.")
            .why("0.1 has no exact binary form: sums are off by a cent, and equality fails.")
            .safer("numeric, or whole cents in bigint.")
            .fires("CREATE TABLE fresh (id bigint PRIMARY KEY, unit_price double precision)")
            .passes("CREATE TABLE fresh (id bigint PRIMARY KEY, weight double precision)")
            .manual("datatype-numeric.html#DATATYPE-FLOAT")
            .when(columns(column -> column.type().is("float4", "float8")
                            && column.name()
                                    .toLowerCase(Locale.ROOT)
                                    .matches("(.*_)?(price|amount|total|cost|fee|balance|salary)(_.*)?")
                    ? Stream.of(column.name() + " is " + column.type().sql())
                    : Stream.empty()));

    private static final Rule IDENTIFIER_TOO_LONG = Rule.named("identifier-too-long", HYGIENE)
            .severity(RiskLevel.MEDIUM)
            .what("A name has more than 63 bytes, and the server cuts it.")
            .why("Code that uses all of it finds it by luck, two long names may become one, and a later DROP of"
                    + " what was written may hit another.")
            .safer("a name of at most 63 bytes.")
            .fires("CREATE INDEX CONCURRENTLY index_of_orders_by_the_customer_who_has_placed_them_and_their_status ON"
                    + " orders (note)")
            .passes("CREATE INDEX CONCURRENTLY orders_by_note ON orders (note)")
            .manual("sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS")
            .when(subject -> newNames(subject)
                    .filter(name -> name.getBytes(StandardCharsets.UTF_8).length >= LONGEST_NAME
                            && subject.statement().text().contains(name)
                            && isCut(subject.statement().text(), name))
                    .map(name -> Hit.of("the server cuts the name to " + name)));

    private static final Rule IDENTIFIER_NEEDS_QUOTES = Rule.named("identifier-needs-quotes", HYGIENE)
            .severity(RiskLevel.LOW)
            .what("A name has upper case, blanks or signs, so it must be quoted wherever it is used.")
            .why("Without quotes the server folds it to lower case and does not find it.")
            .safer("lower case, digits and underscores.")
            .fires("CREATE TABLE \"Fresh Things\" (id bigint PRIMARY KEY)")
            .passes("CREATE TABLE Fresh_Things (id bigint PRIMARY KEY)")
            .manual("sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS")
            .when(subject -> newNames(subject)
                    .filter(name -> !name.matches("[\\p{Ll}_][\\p{Ll}\\p{Nd}_$]*"))
                    .limit(1)
                    .map(name -> Hit.of("\"" + name + "\" must be quoted wherever it is used")));

    private static final Rule EQUALS_NULL = Rule.named("equals-null", HYGIENE)
            .severity(RiskLevel.MEDIUM)
            .what("A comparison with NULL by = or <> is never true.")
            .why("The result is NULL: a WHERE finds no row, and a CHECK lets every row in.")
            .safer("IS NULL, IS NOT NULL, or IS DISTINCT FROM.")
            .fires("UPDATE orders SET quantity = 1 WHERE note = NULL")
            .passes("UPDATE orders SET note = NULL WHERE note IS NULL AND id = 1")
            .manual("functions-comparison.html")
            .when(subject -> comparisonsWithNull(subject.statement().node())
                    .map(offset ->
                            Hit.of("the comparison with NULL is never true").at(offset)));

    private static final Rule CONSTANT_NOW = Rule.named("constant-now", HYGIENE)
            .severity(RiskLevel.HIGH)
            .what("DEFAULT 'now' with a type in front is the moment of the change, for ever.")
            .why("The constant is turned into a time when the default is stored, not when a row is written.")
            .safer("DEFAULT now().")
            .fires("ALTER TABLE orders ALTER COLUMN changed_at SET DEFAULT timestamp 'now'")
            .passes("ALTER TABLE orders ALTER COLUMN changed_at SET DEFAULT now()")
            .manual("functions-datetime.html#FUNCTIONS-DATETIME-CURRENT")
            .when(subject -> defaults(subject)
                    .filter(value -> CLOCK_WORDS.contains(value.path("TypeCast")
                            .path("arg")
                            .path("A_Const")
                            .path("sval")
                            .path("sval")
                            .asText("")
                            .strip()
                            .toLowerCase(Locale.ROOT)))
                    .map(value -> Hit.of("the default is the moment at which this runs")
                            .at(value.path("TypeCast").path("location").asInt(0))));

    private static final Rule INSERT_WITHOUT_COLUMNS = Rule.named("insert-without-columns", HYGIENE)
            .severity(RiskLevel.LOW)
            .what("INSERT without a list of columns goes by their order.")
            .why("It fails or fills the wrong ones where a column was added or the order is another.")
            .safer("INSERT INTO table (columns) ...")
            .fires("INSERT INTO notes VALUES (100, 1, 'x')")
            .passes("INSERT INTO notes (id, order_id, body) VALUES (100, 1, 'x')")
            .passes("CREATE TABLE fresh (id bigint PRIMARY KEY); INSERT INTO fresh VALUES (1)")
            .manual("sql-insert.html")
            .when(subject -> Stream.of(subject)
                    .filter(one -> one.is("InsertStmt")
                            && one.statement().node().path("cols").isEmpty()
                            && one.statement().node().has("selectStmt"))
                    .flatMap(one -> Names.of(one.statement().node().path("relation")).stream())
                    .filter(subject::isOld)
                    .map(table -> Hit.of("the columns of " + table + " are taken in their order")));

    private static final Rule INHERITANCE = Rule.named("create-inheritance", HYGIENE)
            .severity(RiskLevel.LOW)
            .what("INHERITS shares columns, but neither keys nor foreign keys.")
            .why("A key of the parent does not hold across its children, a foreign key to it does not see their"
                    + " rows, and every query of the parent reads them all.")
            .safer("declarative partitioning, or tables of their own.")
            .fires("CREATE TABLE fresh (PRIMARY KEY (id)) INHERITS (notes)")
            .passes("CREATE TABLE clicks_2029 PARTITION OF clicks FOR VALUES FROM ('2029-01-01') TO ('2030-01-01')")
            .manual("ddl-inherit.html#DDL-INHERIT-CAVEATS")
            .when(subject -> subject.createTable().stream()
                    .filter(table -> !table.partition() && !table.parents().isEmpty())
                    .map(table -> Hit.of(
                            table.table() + " inherits from " + table.parents().getFirst())));

    private static final Rule SCHEMA_NOT_QUALIFIED = Rule.named("schema-not-qualified", HYGIENE)
            .severity(RiskLevel.LOW)
            .optional()
            .what("A relation is named without its schema, and the file does not set search_path.")
            .why("Which relation is meant depends on the search_path of whoever runs the file: the role, the database"
                    + " and the tool all have a say.")
            .safer("schema.name, or SET search_path at the top of the file.")
            .fires("ALTER TABLE orders ADD COLUMN a int")
            .fires("CREATE TABLE fresh (id bigint PRIMARY KEY)")
            .passes("ALTER TABLE public.orders ADD COLUMN a int")
            .passes("CREATE TABLE public.fresh (id bigint PRIMARY KEY)")
            .passes("SET search_path = public; ALTER TABLE orders ADD COLUMN a int")
            .passes("CREATE TEMPORARY TABLE fresh (id bigint PRIMARY KEY); INSERT INTO fresh (id) VALUES (1)")
            .manual("ddl-schemas.html#DDL-SCHEMAS-PATH")
            .when(subject -> Stream.concat(
                            subject.profile().locks().stream().map(lock -> lock.relation()),
                            subject.createTable().stream()
                                    .filter(table -> table.persistence() != 't')
                                    .map(CreateTable::table))
                    .filter(relation -> !relation.hasSchema()
                            && !relation.name().isEmpty()
                            && subject.before().setting("search_path").isEmpty()
                            && subject.before()
                                    .createdTable(relation)
                                    .filter(table -> table.persistence() == 't')
                                    .isEmpty())
                    .distinct()
                    .map(relation -> Hit.of("search_path decides which " + relation + " is meant")
                            .on(relation)));

    static final List<Rule> ALL = List.of(
            MISSING_PRIMARY_KEY,
            INT_PRIMARY_KEY,
            SERIAL_TYPE,
            CHAR_TYPE,
            JSON_TYPE,
            TIMESTAMP_WITHOUT_ZONE,
            TIMETZ_TYPE,
            MONEY_TYPE,
            FLOAT_FOR_MONEY,
            IDENTIFIER_TOO_LONG,
            IDENTIFIER_NEEDS_QUOTES,
            EQUALS_NULL,
            CONSTANT_NOW,
            INSERT_WITHOUT_COLUMNS,
            INHERITANCE,
            SCHEMA_NOT_QUALIFIED);

    private HygieneRules() {}

    private static Rule.Draft type(String id) {
        return Rule.named(id, HYGIENE).severity(RiskLevel.LOW);
    }

    private static Function<ColumnDefinition, Stream<String>> ofType(String... names) {
        return column -> column.type().is(names)
                ? Stream.of(column.name() + " is " + column.type().sql())
                : Stream.empty();
    }

    /** Columns of new tables, and new columns of old ones. */
    private static Stream<ColumnDefinition> newColumns(Subject subject) {
        return Stream.concat(
                subject.createTable().stream().flatMap(table -> table.columns().stream()),
                subject.alterTable().stream()
                        .flatMap(alter -> alter.commands().stream())
                        .flatMap(command -> command.column().stream()));
    }

    private static Function<Subject, Stream<Hit>> columns(Function<ColumnDefinition, Stream<String>> message) {
        return subject -> newColumns(subject).flatMap(column -> message.apply(column)
                .map(text -> Hit.of(text).at(offset(column))));
    }

    private static int offset(ColumnDefinition column) {
        TypeName type = column.type();
        return column.offset() >= 0 ? column.offset() : type.offset();
    }

    /** Names that the statement gives. */
    private static Stream<String> newNames(Subject subject) {
        Stream<String> constraints = Stream.concat(
                        subject.createTable().stream().flatMap(CreateTable::allConstraints),
                        subject.alterTable().stream()
                                .flatMap(alter -> alter.commands().stream())
                                .flatMap(command -> command.constraint().stream()))
                .map(constraint -> constraint.name());
        return Stream.of(
                        subject.createTable().stream()
                                .map(table -> table.table().name()),
                        newColumns(subject).map(ColumnDefinition::name),
                        subject.createIndex().stream().map(index -> index.name()),
                        subject.rename().stream().map(rename -> rename.newName()),
                        constraints)
                .flatMap(names -> names)
                .filter(name -> !name.isEmpty());
    }

    /** Whether the name goes on in the author's text: the grammar has cut it already. */
    private static boolean isCut(String text, String name) {
        int end = text.indexOf(name) + name.length();
        return end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_');
    }

    private static Stream<Integer> comparisonsWithNull(JsonNode tree) {
        List<Integer> offsets = new ArrayList<>();
        Expressions.each(tree, (kind, node) -> {
            String operator =
                    node.path("name").path(0).path("String").path("sval").asText();
            if (kind.equals("A_Expr")
                    && node.path("kind").asText().equals("AEXPR_OP")
                    && Set.of("=", "<>").contains(operator)
                    && (Expressions.isNull(node.path("lexpr")) || Expressions.isNull(node.path("rexpr")))) {
                offsets.add(node.path("location").asInt(0));
            }
        });
        return offsets.stream();
    }

    private static Stream<JsonNode> defaults(Subject subject) {
        return Stream.concat(
                newColumns(subject).flatMap(column -> column.defaultExpression().stream()),
                subject.alterTable().stream()
                        .flatMap(alter -> alter.commands("AT_ColumnDefault"))
                        .map(command -> command.definition()));
    }
}
