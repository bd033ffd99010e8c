package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.postgres.parser.SqlParser;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A column gets another type, and the application goes on writing: meanwhile, afterwards, and after it is taken back. */
@Execution(ExecutionMode.CONCURRENT)
class TypeChangeTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final String TO_NUMERIC = "ALTER TABLE notes ALTER COLUMN a TYPE numeric(12, 2)";
    private static SqlParser parser;

    private SampleDatabase database;
    private int orders;

    @BeforeAll
    static void open() {
        parser = new SqlParser(2);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    @BeforeEach
    void create() throws SQLException {
        database = SampleDatabase.createEmpty();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    /** Each is an order of its own. */
    private Plan plan(String change) throws Exception {
        return plan(change, null);
    }

    private Plan plan(String change, @Nullable String rollback) throws Exception {
        orders++;
        return new Drafting(new Planner(parser))
                .draft(database.target(), RUN, orders, WorkOrder.of("n", "ada", List.of("shop"), change, rollback))
                .plan();
    }

    private void execute(String... sql) throws SQLException {
        database.database().execute(sql);
    }

    private String ask(String sql) throws SQLException {
        return database.database().ask(sql);
    }

    private List<String> a() throws SQLException {
        return database.database().askAll("SELECT coalesce(a::text, 'nothing') FROM notes ORDER BY id");
    }

    private void table(String columns, String... rows) throws SQLException {
        execute("CREATE TABLE notes (id integer PRIMARY KEY, " + columns + ", other integer)");
        for (int i = 0; i < rows.length; i++) {
            execute("INSERT INTO notes VALUES (" + (i + 1) + ", " + rows[i] + ")");
        }
    }

    private static List<String> flags(Plan plan) {
        return plan.redFlags().stream().map(RedFlag::message).toList();
    }

    @Test
    void aRowThatMovesIntoARangeThatIsDoneHasItsValueConverted() throws Exception {
        table("a integer");
        execute("INSERT INTO notes SELECT n, n FROM generate_series(1, 30000) AS n");
        AtomicBoolean moved = new AtomicBoolean();
        database.runBatches(plan(TO_NUMERIC), () -> {
            if (!moved.get() && filled() > 0) {
                assertThat(filled()).isLessThan(30_000);
                executeUnchecked("UPDATE notes SET id = -id WHERE id = 29999");
                moved.set(true);
            }
        });
        assertThat(moved).isTrue();
        assertThat(ask("SELECT a FROM notes WHERE id = -29999")).isEqualTo("29999.00");
        assertThat(ask("SELECT count(*) FROM notes WHERE a IS NULL")).isEqualTo("0");
    }

    @Test
    void whatTheApplicationWritesWhileRowsAreFilledIsConvertedToo() throws Exception {
        table("a integer");
        execute("INSERT INTO notes SELECT n, n FROM generate_series(1, 30000) AS n");
        AtomicBoolean written = new AtomicBoolean();
        database.runBatches(plan(TO_NUMERIC), () -> {
            if (!written.get() && filled() > 0) {
                executeUnchecked("UPDATE notes SET a = -a WHERE id IN (1, 30000)");
                executeUnchecked("UPDATE notes SET a = NULL WHERE id IN (2, 29999)");
                executeUnchecked("INSERT INTO notes VALUES (0, 7), (40000, 8)");
                written.set(true);
            }
        });
        assertThat(written).isTrue();
        assertThat(database.database()
                        .askAll("SELECT coalesce(a::text, 'nothing') FROM notes WHERE id IN (0, 1, 2, 29999, 30000,"
                                + " 40000) ORDER BY id"))
                .containsExactly("7.00", "-1.00", "nothing", "nothing", "-30000.00", "8.00");
    }

    /** How many rows have a value in the column that is made beside the old one; 0 while there is none. */
    private int filled() {
        try {
            String made = ask("SELECT coalesce(max(quote_ident(attname)), '') FROM pg_attribute WHERE attrelid ="
                    + " 'notes'::regclass AND attname ~ '^fermata_attic_.*_new_a$' AND NOT attisdropped");
            return made.isEmpty() ? 0 : Integer.parseInt(ask("SELECT count(" + made + ") FROM notes"));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void executeUnchecked(String sql) {
        try {
            execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theNewColumnHasTheSettingsAndTheExtendedStatisticsOfTheOldOne() throws Exception {
        table("a integer");
        execute("INSERT INTO notes SELECT n % 50, n % 50, n % 50 FROM generate_series(1, 50) AS n");
        execute(
                "ALTER TABLE notes ALTER COLUMN a SET STATISTICS 300",
                "ALTER TABLE notes ALTER COLUMN a SET (n_distinct = 77, n_distinct_inherited = 5)",
                "CREATE STATISTICS of_both (ndistinct, dependencies) ON id, a FROM notes",
                "ALTER STATISTICS of_both SET STATISTICS 200",
                "COMMENT ON STATISTICS of_both IS 'they belong together'",
                "CREATE STATISTICS of_each ON (a % 3), id FROM notes",
                "CREATE STATISTICS of_others ON id, other FROM notes",
                "ANALYZE notes");
        List<String> start = database.looks();
        Plan plan = plan(TO_NUMERIC);
        database.run(plan, Direction.FORWARD);
        assertThat(database.database()
                        .askAll("SELECT DISTINCT statistics_name FROM pg_stats_ext WHERE n_distinct IS NOT NULL AND"
                                + " statistics_name ~ '^of_' ORDER BY 1"))
                .containsExactly("of_both", "of_each", "of_others");
        List<String> online = database.looks();
        database.run(plan, Direction.BACK);
        assertThat(differences(start, database.looks())).isEmpty();
        execute(TO_NUMERIC);
        assertThat(differences(database.looks(), online)).isEmpty();
    }

    @Test
    void whatRestsIsPurgedTogetherWithWhatKeepsItInStep() throws Exception {
        table("a integer", "1");
        database.run(plan(TO_NUMERIC), Direction.FORWARD);
        String resting = ask("SELECT attname FROM pg_attribute WHERE attrelid = 'notes'::regclass AND attname ~"
                + " '^fermata_attic_' AND NOT attisdropped");
        database.run(plan("ALTER TABLE notes DROP COLUMN " + resting), Direction.FORWARD);
        execute("INSERT INTO notes (id, a) VALUES (2, 2)", "UPDATE notes SET a = 3 WHERE id = 1");
        assertThat(a()).containsExactly("3.00", "2.00");
        assertThat(ask("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'notes'::regclass"))
                .isEqualTo("0");
        assertThat(ask("SELECT count(*) FROM pg_proc WHERE pronamespace = 'fermata_attic'::regnamespace AND proname ~"
                        + " '_back$'"))
                .isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE notes DROP COLUMN fermata_attic_b4e19094_1_a",
                "ALTER TABLE notes RENAME COLUMN a TO b",
                "ALTER TABLE notes DROP COLUMN a",
            })
    void whateverBecomesOfTheColumnsByHandTheApplicationCanWrite(String byHand) throws Exception {
        table("a integer", "1");
        database.run(plan(TO_NUMERIC), Direction.FORWARD);
        execute(byHand, "INSERT INTO notes (id, other) VALUES (2, 2)", "UPDATE notes SET other = 3");
        assertThat(ask("SELECT count(*) FROM notes WHERE other = 3")).isEqualTo("2");
    }

    @ParameterizedTest
    @CsvSource({"RENAME COLUMN a TO \"a b\",\"a b\"", "DROP COLUMN a,other"})
    void aLaterChangeOfTheColumnIsFollowed(String later, String column) throws Exception {
        table("a integer", "1");
        List<String> start = database.looks();
        Plan first = plan(TO_NUMERIC);
        database.run(first, Direction.FORWARD);
        Plan second = plan("ALTER TABLE notes " + later);
        database.run(second, Direction.FORWARD);
        execute(
                "INSERT INTO notes (id, " + column + ") VALUES (2, 5), (3, 5)",
                "UPDATE notes SET " + column + " = 6 WHERE id = 3");
        database.run(second, Direction.BACK);
        execute("INSERT INTO notes (id, a) VALUES (4, 7)");
        database.run(first, Direction.BACK);
        assertThat(a())
                .isEqualTo(
                        column.equals("other") ? List.of("1", "nothing", "nothing", "7") : List.of("1", "5", "6", "7"));
        execute("DELETE FROM notes WHERE id > 1");
        assertThat(differences(start, database.looks())).isEmpty();
    }

    @Test
    void aRenameInTheSameChangeKeepsWhatIsWrittenByTheNewName() throws Exception {
        table("a integer", "1");
        Plan plan = plan(TO_NUMERIC + "; ALTER TABLE notes RENAME COLUMN a TO b");
        database.run(plan, Direction.FORWARD);
        execute("INSERT INTO notes (id, b) VALUES (2, 5)", "UPDATE notes SET b = 6 WHERE id = 1");
        database.run(plan, Direction.BACK);
        assertThat(a()).containsExactly("6", "5");
    }

    @Test
    void whereNothingConvertsBackTheApplicationCanWriteAndThePlanSaysWhatIsLost() throws Exception {
        table("a integer", "1", "2");
        Plan plan = plan("ALTER TABLE notes ALTER COLUMN a TYPE timestamptz USING to_timestamp(a)");
        assertThat(flags(plan))
                .contains(
                        "after a rollback: values that were written into public.notes.a after the change are not in the"
                                + " old column, as there is no cast from timestamp with time zone to integer");
        database.run(plan, Direction.FORWARD);
        execute("INSERT INTO notes (id, a) VALUES (3, now())", "UPDATE notes SET a = now() WHERE id = 1");
        database.run(plan, Direction.BACK);
        assertThat(a()).containsExactly("1", "2", "nothing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a text|'007'|integer USING a::integer|8|007|8",
                "a numeric(10, 2)|1.50|bigint USING (a * 100)::bigint|700|1.50|700.00",
                "a varchar(3)|'abc'|varchar(9) USING upper(a)|'abcd'|abc|nothing",
                "a integer|5|bigint USING a * 100|700|5|700",
                "a timestamp|'2026-07-01 12:00'|timestamptz USING a AT TIME ZONE 'Europe/Berlin'|'2026-07-01 08:00+00'"
                        + "|2026-07-01 12:00:00|2026-07-01 10:00:00",
            })
    void whatNobodyChangesComesBackAsItWas(
            String column, String old, String type, String written, String unchanged, String changed) throws Exception {
        table(column, old, old);
        Plan plan = plan("ALTER TABLE notes ALTER COLUMN a TYPE " + type);
        database.run(plan, Direction.FORWARD);
        execute(
                "SET TimeZone = 'America/New_York'",
                "UPDATE notes SET other = 1",
                "UPDATE notes SET a = " + written + " WHERE id = 2");
        database.run(plan, Direction.BACK);
        assertThat(a()).containsExactly(unchanged, changed);
        boolean plainCast = type.contains("::integer") || type.contains("ZONE");
        assertThat(flags(plan).stream().anyMatch(flag -> flag.contains("which may not be the reverse of the author's")))
                .isNotEqualTo(plainCast);
    }

    @Test
    void aValueThatIsTooLongStopsTheChangeAndIsNotCut() throws Exception {
        table("a varchar(10)", "'12345'");
        Plan plan = plan("ALTER TABLE notes ALTER COLUMN a TYPE varchar(3)");
        assertThatThrownBy(() -> database.run(plan, Direction.FORWARD)).isInstanceOf(StepFailedException.class);
        database.run(plan, Direction.BACK);
        assertThat(a()).containsExactly("12345");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "timestamp|timestamptz|'2026-07-01 12:00'|2026-07-01 12:00:00+00",
                "timestamptz|date|'2026-07-01 23:00+00'|2026-07-01",
                "timestamptz|text|'2026-07-01 23:00+00'|2026-07-01 23:00:00+00",
                "interval|text|'1 day 2 hours'|1 day 02:00:00",
                "text|date|'01/02/2026'|2026-01-02",
                "double precision|text|'0.30000000000000004'|0.30000000000000004",
            })
    void itConvertsAsTheMigrationDoesWhateverTheApplicationHasSet(
            String type, String wanted, String value, String converted) throws Exception {
        table("a " + type, value);
        Plan plan =
                plan("ALTER TABLE notes ALTER COLUMN a TYPE " + wanted + (type.equals("text") ? " USING a::date" : ""));
        database.run(plan, Direction.FORWARD, () -> {
            insert(hasGot(wanted) ? "'" + converted + "'" : value);
        });
        execute("DELETE FROM notes WHERE other IS NOT NULL");
        assertThat(a()).hasSizeGreaterThan(2).containsOnly(converted);
    }

    private boolean hasGot(String wanted) {
        try {
            return ask("SELECT atttypid = '" + wanted
                            + "'::regtype FROM pg_attribute WHERE attrelid = 'notes'::regclass" + " AND attname = 'a'")
                    .equals("t");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void insert(String value) {
        try {
            execute(
                    "SET TimeZone = 'Europe/Berlin'",
                    "SET DateStyle = 'ISO, DMY'",
                    "SET IntervalStyle = 'iso_8601'",
                    "SET extra_float_digits = -10",
                    "INSERT INTO notes (id, a) VALUES ((SELECT max(id) + 1 FROM notes), " + value + ")");
        } catch (SQLException e) {
            throw new IllegalStateException("the application cannot write", e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"json USING a::json", "point USING point(length(a), 1)", "text[] USING ARRAY[a]"})
    void typesWithoutEqualityAreComparedAsTheyAreStored(String type) throws Exception {
        table("a text", "'{}'", "NULL", "'[1]'");
        List<String> start = database.looks();
        Plan plan = plan("ALTER TABLE notes ALTER COLUMN a TYPE " + type);
        database.run(plan, Direction.FORWARD);
        database.run(plan, Direction.BACK);
        assertThat(differences(start, database.looks())).isEmpty();
    }

    @Test
    void whatTheOldTypeHeldForEqualMayBothBeWritten() throws Exception {
        table("a numeric UNIQUE", "7");
        execute(
                "CREATE UNIQUE INDEX of_both ON notes ((a + id)) WHERE a > 1",
                "ALTER INDEX of_both ALTER COLUMN 1 SET STATISTICS 7",
                "COMMENT ON INDEX of_both IS 'sum'",
                "COMMENT ON CONSTRAINT notes_a_key ON notes IS 'once'",
                "ALTER TABLE notes CLUSTER ON notes_a_key");
        List<String> start = database.looks();
        Plan plan = plan("ALTER TABLE notes ALTER COLUMN a TYPE integer");
        database.run(plan, Direction.FORWARD);
        assertThat(differences(start, database.looks()))
                .as("comments, statistics targets and CLUSTER ON stay")
                .allMatch(line -> line.contains("column public.notes.a")
                        || (line.contains("index public.of_both") && line.contains("statistics (1: 7)")));
        database.run(plan, Direction.BACK);
        assertThat(differences(start, database.looks())).isEmpty();

        execute("DROP INDEX of_both");
        Plan toText = plan("ALTER TABLE notes ALTER COLUMN a TYPE text");
        assertThat(flags(toText)).anyMatch(flag -> flag.contains("rows whose old values are equal stop the rollback"));
        database.run(toText, Direction.FORWARD);
        execute("INSERT INTO notes (id, a) VALUES (2, '07'), (3, '7.0')");
        assertThat(a()).containsExactly("7", "07", "7.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DROP COLUMN a", "ALTER COLUMN a TYPE text"})
    void aColumnThatHasNoRoomForNothingDoesNotRest(String change) throws Exception {
        execute("CREATE DOMAIN given AS integer NOT NULL", "CREATE DOMAIN also_given AS given");
        table("a also_given", "7");
        assertThatThrownBy(() -> plan("ALTER TABLE notes " + change))
                .isInstanceOfSatisfying(
                        PlanRefusedException.class,
                        e -> assertThat(e.failure().code()).isEqualTo("no-rollback"));
    }

    /** Also those that the old one had not, as new sequences have them by default. */
    @Test
    void whoMayUseTheSequenceOfAnIdentityStillMayForthAndBackAndNobodyElse() throws Exception {
        execute(
                "CREATE SEQUENCE before_the_defaults", // so that the defaults are not those of the table
                "CREATE TABLE notes (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, a integer)",
                "INSERT INTO notes (a) VALUES (1), (2)",
                "GRANT USAGE, SELECT ON SEQUENCE notes_id_seq TO pg_monitor WITH GRANT OPTION",
                "GRANT UPDATE ON SEQUENCE notes_id_seq TO PUBLIC",
                "REVOKE UPDATE ON SEQUENCE notes_id_seq FROM "
                        + database.database().user(),
                "COMMENT ON SEQUENCE notes_id_seq IS 'it''s 100 % ours'",
                "ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO pg_read_all_data");
        List<String> start = database.looks();
        String rights = rights();
        Plan plan = plan("ALTER TABLE notes ALTER COLUMN id TYPE integer");
        assertThat(plan.steps()).hasSizeGreaterThan(1);
        database.run(plan, Direction.FORWARD);
        assertThat(rights()).isEqualTo(rights);
        assertThat(ask("SELECT obj_description('notes_id_seq'::regclass)")).isEqualTo("it's 100 % ours");
        execute("GRANT USAGE ON SEQUENCE notes_id_seq TO pg_write_all_data");
        String since = rights();
        database.run(plan, Direction.BACK);
        assertThat(rights()).isEqualTo(since);
        execute("REVOKE USAGE ON SEQUENCE notes_id_seq FROM pg_write_all_data");
        assertThat(differences(start, database.looks()))
                .filteredOn(line -> !line.contains("grant on"))
                .isEmpty();
    }

    private String rights() throws SQLException {
        return ask("SELECT string_agg(concat_ws(' ', grantee::regrole, privilege_type, is_grantable), ', ' ORDER BY"
                + " grantee::regrole::text, privilege_type) FROM pg_class, aclexplode(relacl) WHERE oid ="
                + " 'notes_id_seq'::regclass");
    }

    /** Variables of PL/pgSQL, and what triggers call the row that was and the one that is. */
    @ParameterizedTest
    @ValueSource(strings = {"found", "old", "new", "tg_op", "sqlerrm"})
    void theApplicationCanWriteWhateverTheColumnIsCalled(String column) throws Exception {
        execute(
                "CREATE TABLE notes (id integer PRIMARY KEY, " + column + " integer NOT NULL)",
                "ALTER TABLE notes ADD CHECK (" + column + " > 0)",
                "INSERT INTO notes VALUES (1, 1), (2, 2)");
        List<String> start = database.looks();
        Plan plan = plan("ALTER TABLE notes ALTER COLUMN " + column + " TYPE numeric(12, 2)");
        Runnable application = () -> executeUnchecked("INSERT INTO notes (id, " + column
                + ") VALUES ((SELECT max(id) + 1 FROM notes), 7); UPDATE notes SET " + column + " = " + column
                + " + 1 WHERE id > 2");
        database.run(plan, Direction.FORWARD, application);
        database.run(plan, Direction.BACK, application);
        execute("DELETE FROM notes WHERE id > 2");
        assertThat(differences(start, database.looks())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"new", "old", "\"New\"", "found"})
    void theApplicationCanWriteWhateverTheTableIsCalled(String table) throws Exception {
        execute(
                "CREATE TABLE " + table + " (id integer PRIMARY KEY, a integer NOT NULL, b integer)",
                "INSERT INTO " + table + " VALUES (1, 1), (2, 2)");
        List<String> start = database.looks();
        Plan plan = plan("ALTER TABLE " + table + " ALTER COLUMN a TYPE numeric(12, 2) USING " + table + ".a / id");
        Runnable application = () -> executeUnchecked("INSERT INTO " + table
                + " (id, a) VALUES ((SELECT max(id) + 1 FROM " + table + "), 7);"
                + " UPDATE " + table + " SET a = a + 1 WHERE id > 2");
        database.run(plan, Direction.FORWARD, application);
        database.run(plan, Direction.BACK, application);
        execute("DELETE FROM " + table + " WHERE id > 2");
        assertThat(differences(start, database.looks())).isEmpty();
    }

    /** Forth, where it ends like the SQL as it is written, and back to the start. */
    private Plan there(String change) throws Exception {
        List<String> start = database.looks();
        Plan plan = plan(change);
        database.run(plan, Direction.FORWARD);
        List<String> online = database.looks();
        database.run(plan, Direction.BACK);
        assertThat(differences(start, database.looks())).as("back to the start").isEmpty();
        execute(change);
        assertThat(differences(database.looks(), online))
                .as("online against as written")
                .isEmpty();
        return plan;
    }

    /** As plain SQL, the change asks for the rights of nobody but the owner; its triggers run with those of who writes. */
    @Test
    void whoWritesMustHaveTheRightsThatTheConversionNeedsBeforeAnythingIsInHisWay() throws Exception {
        String application = database.database().newUser();
        String reader = database.database().newUser();
        table("a text", "'1'", "'2'");
        execute(
                "CREATE SCHEMA types",
                "CREATE DOMAIN types.counted AS integer",
                "CREATE SCHEMA conversions",
                "CREATE FUNCTION conversions.counted(text) RETURNS types.counted LANGUAGE sql IMMUTABLE"
                        + " AS 'SELECT $1::integer'",
                "REVOKE EXECUTE ON FUNCTION conversions.counted(text) FROM PUBLIC",
                "GRANT USAGE ON SCHEMA public TO " + application + ", " + reader,
                "GRANT ALL ON notes TO " + application,
                "GRANT SELECT ON notes TO " + reader);
        Plan plan = plan("ALTER TABLE notes ALTER COLUMN a TYPE types.counted USING conversions.counted(a)");
        assertThatThrownBy(() -> database.run(plan, Direction.FORWARD))
                .hasMessageContaining("the application could not write to public.notes any more")
                .hasMessageContaining("USAGE ON SCHEMA conversions TO " + application)
                .hasMessageContaining("USAGE ON SCHEMA types TO " + application)
                .message()
                .doesNotContain(reader);
        as(application, "INSERT INTO notes VALUES (3, '3')");

        execute("GRANT USAGE ON SCHEMA conversions, types TO " + application);
        assertThatThrownBy(() -> database.run(plan, Direction.FORWARD))
                .hasMessageContaining("EXECUTE ON FUNCTION conversions.counted(text) TO " + application);

        execute("GRANT EXECUTE ON FUNCTION conversions.counted(text) TO " + application);
        database.run(plan, Direction.FORWARD);
        as(application, "INSERT INTO notes (id, a) VALUES (4, 4)");
        database.run(plan, Direction.BACK);
        assertThat(a()).containsExactly("1", "2", "3", "4");
        assertThat(ask("SELECT count(*) FROM pg_class WHERE relkind = 'v' AND relnamespace ="
                        + " 'fermata_attic'::regnamespace"))
                .isEqualTo("0");
    }

    private void as(String user, String sql) {
        try (Connection connection = DriverManager.getConnection(
                        database.database().jdbcUrl(), user, database.database().password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    @Test
    void aPartitionedTableMayReferToTheColumn() throws Exception {
        execute(
                "CREATE TABLE notes (id bigint PRIMARY KEY, a integer)",
                "INSERT INTO notes SELECT n, n FROM generate_series(1, 10) AS n",
                "CREATE TABLE parts (x integer, note bigint CONSTRAINT of_note REFERENCES notes ON DELETE CASCADE)"
                        + " PARTITION BY RANGE (x)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (x)",
                "CREATE TABLE parts_2_1 PARTITION OF parts_2 FOR VALUES FROM (10) TO (20)",
                "INSERT INTO parts SELECT n, 1 + n % 10 FROM generate_series(0, 19) AS n");
        Plan plan = there("ALTER TABLE notes ALTER COLUMN id TYPE integer");
        assertThat(plan.steps()).allMatch(Step::online);
        assertThat(plan.steps()).hasSizeGreaterThan(5);
        assertThat(database.database().askAll("SELECT conname FROM pg_constraint WHERE NOT convalidated"))
                .isEmpty();
    }

    /** Which no catalog is compared by: it may be called like that of its parent afterwards. */
    @Test
    void theKeyOfAPartitionMayBeCalledOtherwiseThanThatOfItsParent() throws Exception {
        execute(
                "CREATE TABLE notes (id bigint PRIMARY KEY, a integer)",
                "CREATE TABLE parts (x integer, note bigint) PARTITION BY RANGE (x)",
                "CREATE TABLE parts_1 (x integer, note bigint CONSTRAINT of_its_own REFERENCES notes)",
                "ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM (0) TO (10)",
                "ALTER TABLE parts ADD CONSTRAINT of_note FOREIGN KEY (note) REFERENCES notes");
        Plan plan = there("ALTER TABLE notes ALTER COLUMN id TYPE integer");
        assertThat(plan.steps()).allMatch(Step::online);
    }

    @Test
    void aKeyThatIsNotValidStaysSo() throws Exception {
        table("a integer UNIQUE", "1", "2");
        execute(
                "CREATE TABLE others (a integer)",
                "INSERT INTO others VALUES (7)",
                "ALTER TABLE others ADD CONSTRAINT of_note FOREIGN KEY (a) REFERENCES notes (a) NOT VALID");
        Plan plan = there(TO_NUMERIC.replace("numeric(12, 2)", "bigint USING a + 0"));
        assertThat(plan.steps()).hasSizeGreaterThan(5);
    }

    /** It would be called once more where the two columns are compared, or once too often. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "uuid USING gen_random_uuid()",
                "timestamptz USING now()",
                "bigint USING twice(a)",
                "timestamptz USING coalesce(NULL, CURRENT_TIMESTAMP)"
            })
    void aConversionThatAnswersOtherwiseEachTimeStaysAsItIsWritten(String type) throws Exception {
        table("a integer NOT NULL", "1", "2");
        execute("CREATE FUNCTION twice(a integer) RETURNS bigint LANGUAGE sql AS 'SELECT a::bigint * 2'");
        String asked = "ALTER TABLE notes ALTER COLUMN a TYPE " + type;
        assertThatThrownBy(() -> plan(asked)).isInstanceOfSatisfying(PlanRefusedException.class, e -> {
            assertThat(e.failure().code()).isEqualTo("no-rollback");
            assertThat(e.failure().message()).contains("has to be IMMUTABLE");
        });
        Plan plan = plan(asked, "ALTER TABLE notes ALTER COLUMN a TYPE integer USING 1");
        assertThat(plan.steps()).extracting(Step::online).containsExactly(false);
        database.run(plan, Direction.FORWARD);
        assertThat(ask("SELECT count(a) FROM notes")).isEqualTo("2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER COLUMN a TYPE varchar(9) COLLATE app.german",
                "ALTER COLUMN b TYPE varchar(2)",
                "ALTER COLUMN b TYPE text COLLATE \"C\"",
                "ALTER COLUMN b TYPE text COLLATE german",
                "ADD COLUMN c text COLLATE app.german CHECK (c > 'a')"
            })
    void aCollationNeedNotBeOnTheSearchPath(String change) throws Exception {
        execute(
                "CREATE SCHEMA app",
                "CREATE COLLATION app.german FROM \"POSIX\"",
                "CREATE COLLATION german FROM \"C\"");
        table("a text, b text COLLATE app.german CHECK (b <> 'b')");
        execute("INSERT INTO notes VALUES (1, 'a', 'a', 1)");
        there("ALTER TABLE notes " + change);
    }
}
