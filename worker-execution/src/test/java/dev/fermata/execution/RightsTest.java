package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a change does: after its rollback everybody may do what they could before, and nothing else. */
@Execution(ExecutionMode.CONCURRENT)
class RightsTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final String[] SHOP = {
        "CREATE TABLE orders (id integer PRIMARY KEY, total integer, note text)",
        "INSERT INTO orders SELECT n, n % 10, 'n' FROM generate_series(1, 100) AS n",
        "CREATE VIEW salaries AS SELECT id, total FROM orders",
        "CREATE FUNCTION raised(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 + 1'",
        "CREATE FUNCTION raised(text, integer[]) RETURNS text LANGUAGE sql AS 'SELECT $1'",
        "CREATE FUNCTION of_salaries() RETURNS SETOF salaries LANGUAGE sql AS 'SELECT * FROM salaries'",
        "CREATE PROCEDURE pay() LANGUAGE sql AS ''",
        "CREATE TYPE mood AS ENUM ('sad', 'glad')",
        "CREATE DOMAIN grade AS integer",
        "CREATE SEQUENCE numbers",
        "CREATE SCHEMA archive"
    };
    private static SqlParser parser;

    private SampleDatabase database;

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
        execute(SHOP);
    }

    @AfterEach
    void drop() {
        database.close();
    }

    private void execute(String... sql) throws SQLException {
        database.database().execute(sql);
    }

    private String ask(String sql) throws SQLException {
        return database.database().ask(sql);
    }

    private Plan plan(SampleDatabase on, WorkOrder order) throws Exception {
        return new Drafting(new Planner(parser))
                .draft(on.target(), RUN, 1, order)
                .plan();
    }

    private Plan plan(String change) throws Exception {
        return plan(database, WorkOrder.of("n", "ada", List.of("shop"), change, null));
    }

    private void goesForthAndBack(Plan plan) throws Exception {
        goesForthAndBack(database, plan);
    }

    private void goesForthAndBack(SampleDatabase by, Plan plan) throws Exception {
        List<String> start = database.looks();
        by.run(plan, Direction.FORWARD);
        assertThat(differences(start, database.looks())).as("forward").isNotEmpty();
        by.run(plan, Direction.BACK);
        assertThat(differences(start, database.looks())).as("back").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GRANT EXECUTE ON FUNCTION raised(integer) TO pg_monitor",
                "GRANT EXECUTE ON FUNCTION raised(text, int[]) TO pg_monitor",
                "GRANT ALL ON ALL FUNCTIONS IN SCHEMA public TO pg_monitor WITH GRANT OPTION",
                "GRANT ALL ON ALL ROUTINES IN SCHEMA public TO pg_monitor",
                "GRANT EXECUTE ON PROCEDURE pay TO pg_monitor",
                "GRANT USAGE ON TYPE mood TO pg_monitor",
                "GRANT USAGE ON DOMAIN grade TO pg_monitor",
                "GRANT ALL ON SCHEMA archive TO pg_monitor, pg_read_all_data",
                "GRANT SELECT ON orders, salaries TO pg_monitor",
                "GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC",
                "GRANT USAGE ON SEQUENCE numbers TO pg_monitor",
                "GRANT SELECT, USAGE ON numbers TO pg_monitor",
                "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO pg_monitor",
                "GRANT SELECT (id, note), UPDATE (note) ON orders TO pg_monitor",
                "GRANT ALL (id) ON orders TO pg_monitor WITH GRANT OPTION",
                "REVOKE EXECUTE ON FUNCTION raised(integer) FROM PUBLIC",
                "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC",
                "REVOKE USAGE ON TYPE mood FROM PUBLIC",
                "REVOKE INSERT ON orders FROM CURRENT_USER",
                "REVOKE ALL ON SCHEMA archive FROM CURRENT_USER",
                "REVOKE UPDATE ON SEQUENCE numbers FROM CURRENT_USER",
                "DO $$ BEGIN GRANT SELECT ON orders TO pg_monitor; GRANT ALL ON FUNCTION raised(integer) TO"
                        + " pg_monitor; END $$",
                "DO $$ BEGIN REVOKE ALL ON TYPE mood FROM PUBLIC; CREATE VIEW more AS SELECT 1 AS a; GRANT SELECT ON"
                        + " more TO pg_monitor; CREATE FUNCTION more() RETURNS text LANGUAGE sql AS 'SELECT 1::text';"
                        + " REVOKE ALL ON FUNCTION more() FROM PUBLIC; END $$",
            })
    void whereNobodyHadGrantedAnythingIsWhatIsUsualAgain(String change) throws Exception {
        goesForthAndBack(plan(change));
    }

    private static final String[] GRANTED = {
        "GRANT SELECT, UPDATE ON orders TO pg_monitor",
        "GRANT INSERT ON orders TO pg_monitor WITH GRANT OPTION",
        "GRANT SELECT (note), UPDATE (note) ON orders TO pg_monitor",
        "GRANT SELECT (id) ON orders TO pg_read_all_data WITH GRANT OPTION",
        "GRANT SELECT ON salaries TO pg_monitor",
        "REVOKE EXECUTE ON FUNCTION raised(integer), of_salaries() FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION of_salaries() TO pg_monitor",
        "REVOKE ALL ON TYPE mood FROM PUBLIC",
        "GRANT USAGE ON SCHEMA archive TO pg_monitor",
        "GRANT ALL ON SEQUENCE numbers TO pg_monitor WITH GRANT OPTION"
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GRANT ALL ON orders TO pg_monitor, pg_read_all_data",
                "GRANT SELECT, INSERT, DELETE ON orders TO pg_monitor WITH GRANT OPTION",
                "GRANT ALL (note, total) ON orders TO pg_monitor",
                "GRANT EXECUTE ON FUNCTION raised(integer) TO PUBLIC",
                "GRANT USAGE ON TYPE mood TO PUBLIC",
                "GRANT ALL ON SCHEMA archive TO pg_monitor",
                "REVOKE GRANT OPTION FOR INSERT ON orders FROM pg_monitor",
                "REVOKE ALL ON orders FROM pg_monitor",
                "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM pg_monitor, pg_read_all_data",
                "REVOKE SELECT (note, id) ON orders FROM pg_monitor, pg_read_all_data",
                "REVOKE GRANT OPTION FOR SELECT (id) ON orders FROM pg_read_all_data CASCADE",
                "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM pg_monitor, PUBLIC",
                "REVOKE USAGE ON SCHEMA archive FROM pg_monitor",
                "REVOKE USAGE, UPDATE ON SEQUENCE numbers FROM pg_monitor",
                "REVOKE GRANT OPTION FOR ALL ON ALL SEQUENCES IN SCHEMA public FROM pg_monitor",
                "DO $$ BEGIN REVOKE ALL ON orders, salaries FROM pg_monitor; END $$",
                "DO $$ BEGIN DROP FUNCTION of_salaries(); CREATE FUNCTION of_salaries() RETURNS integer LANGUAGE sql"
                        + " AS 'SELECT 1'; END $$",
                "ALTER TABLE orders DROP COLUMN note; REVOKE ALL ON orders FROM pg_monitor",
                "ALTER TABLE orders ALTER COLUMN note TYPE integer USING length(note); REVOKE ALL ON ALL TABLES IN"
                        + " SCHEMA public FROM pg_monitor",
                "GRANT SELECT ON orders TO pg_read_all_data; DROP VIEW salaries CASCADE;"
                        + " REVOKE ALL ON orders FROM pg_monitor; GRANT SELECT, DELETE ON orders TO pg_monitor",
            })
    void whoHadSomethingHasJustThatAgain(String change) throws Exception {
        execute(GRANTED);
        goesForthAndBack(plan(change));
    }

    @Test
    void aViewThatGotAColumnIsMadeAgainForTheSameRoles() throws Exception {
        execute(GRANTED);
        execute("DROP FUNCTION of_salaries()", "GRANT UPDATE (total) ON salaries TO pg_monitor");
        goesForthAndBack(plan("CREATE OR REPLACE VIEW salaries AS SELECT id, total, note FROM orders"));
    }

    @Test
    void anOwnerOfWhateverNameKeepsItsRights() throws Exception {
        String role = "Shop-Owner, =\"of\"/" + database.database().name();
        String owner = "\"" + role.replace("\"", "\"\"") + "\"";
        RealPostgres.shared()
                .execute(
                        "CREATE ROLE " + owner,
                        "GRANT " + owner + " TO " + database.database().user() + " WITH INHERIT TRUE, SET TRUE",
                        "GRANT CREATE ON DATABASE " + database.database().name() + " TO " + owner);
        execute(
                "ALTER SCHEMA public OWNER TO " + owner,
                "ALTER TABLE orders OWNER TO " + owner,
                "ALTER FUNCTION raised(integer) OWNER TO " + owner);
        SampleDatabase theirs = database.actingAs(role);
        String change = "GRANT SELECT ON orders TO pg_monitor; GRANT ALL ON FUNCTION raised(integer) TO pg_monitor";
        goesForthAndBack(theirs, plan(theirs, WorkOrder.of("n", "ada", List.of("shop"), change, null)));
        try (Connection superuser = database.database().connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("DROP OWNED BY " + owner + " CASCADE; DROP ROLE " + owner);
        }
    }

    @Test
    void aTableThatTheSameOrderRenamesIsTheSameTable() throws Exception {
        execute(GRANTED);
        String change =
                "ALTER TABLE orders RENAME TO purchases; GRANT SELECT, DELETE ON purchases TO pg_monitor; REVOKE"
                        + " INSERT ON purchases FROM pg_monitor; ALTER TABLE purchases ALTER COLUMN note TYPE integer"
                        + " USING length(note)";
        WorkOrder order = WorkOrder.of("n", "ada", List.of("shop"), change, null);
        goesForthAndBack(plan(database, order.with(WorkOrder.Renames.AT_ONCE)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GRANT CONNECT ON DATABASE %s TO pg_monitor",
                "ALTER DATABASE %s OWNER TO CURRENT_USER",
                "COMMENT ON DATABASE %s IS 'shop'",
                "DO $$ BEGIN IF true THEN GRANT CONNECT ON DATABASE %s TO pg_monitor; END IF; END $$",
                "DO $$ BEGIN CREATE ROLE somebody_of_%s; END $$",
            })
    void whatIsOfAllDatabasesIsNotEvenTriedOnAnEmptyCopy(String change) throws Exception {
        String sql = change.formatted(database.database().name());
        assertThatThrownBy(() -> plan(sql)).isInstanceOfSatisfying(PlanRefusedException.class, e -> assertThat(
                        e.failure().code())
                .isEqualTo("statement-not-allowed"));
    }

    @Test
    void rightsThatNobodyReadBeforeWantTheAuthorsRollback() {
        assertThatThrownBy(() -> plan("GRANT USAGE ON LANGUAGE sql TO pg_monitor"))
                .isInstanceOfSatisfying(
                        PlanRefusedException.class,
                        e -> assertThat(e.failure().code()).isIn("no-rollback", "sql-error"));
    }

    /** New ones have other rights by then, and some lack what everybody usually has. */
    private static final String[] DEFAULTS = {
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor WITH GRANT OPTION",
        "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        "ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC",
        "ALTER DEFAULT PRIVILEGES GRANT CREATE ON SCHEMAS TO pg_monitor",
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO pg_monitor"
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP TABLE orders CASCADE",
                "DROP VIEW salaries CASCADE",
                "DROP FUNCTION raised(integer)",
                "DO $$ BEGIN DROP VIEW salaries CASCADE; DROP FUNCTION raised(integer); END $$",
                "ALTER TABLE orders DROP COLUMN total CASCADE",
                "CREATE OR REPLACE VIEW salaries AS SELECT id, total, note FROM orders",
            })
    void whatIsMadeAgainHasNoRightsByDefault(String change) throws Exception {
        execute("DROP FUNCTION of_salaries()");
        execute(DEFAULTS);
        String salaries = "SELECT has_table_privilege('pg_monitor', 'salaries', 'SELECT')";
        String raised = "SELECT has_function_privilege('pg_monitor', 'raised(integer)', 'EXECUTE')";
        goesForthAndBack(plan(change));
        assertThat(ask(salaries)).isEqualTo("f");
        assertThat(ask(raised)).isEqualTo("t");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DROP TYPE mood", "DROP DOMAIN grade", "DROP SCHEMA archive", "DROP PROCEDURE pay()"})
    void whatABlockDropsIsMadeAgainForTheSameRoles(String change) throws Exception {
        execute(DEFAULTS);
        execute("REVOKE USAGE ON DOMAIN grade FROM PUBLIC", "GRANT USAGE ON SCHEMA archive TO pg_read_all_data");
        goesForthAndBack(plan("DO $$ BEGIN " + change + "; END $$"));
    }

    @Test
    void theViewByAnOldNameGivesNobodyMoreThanTheTableDoes() throws Exception {
        execute(GRANTED);
        execute("DROP VIEW salaries CASCADE");
        execute(DEFAULTS);
        String rights = "SELECT string_agg(concat_ws(' ', grantee::regrole, privilege_type, is_grantable), ', ' ORDER"
                + " BY grantee::regrole::text, privilege_type) FROM pg_class, aclexplode(relacl) WHERE oid = 'orders'"
                + "::regclass";
        String before = ask(rights);
        List<String> start = database.looks();
        Plan plan = plan("ALTER TABLE orders RENAME TO purchases");
        database.expand(plan);
        assertThat(ask("SELECT relkind FROM pg_class WHERE oid = 'orders'::regclass"))
                .isEqualTo("v");
        assertThat(ask(rights)).isEqualTo(before);
        database.run(plan, Direction.BACK);
        assertThat(differences(start, database.looks())).isEmpty();
    }

    /** The other way round an empty copy refuses: the new owner may make nothing in its schemas. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE orders OWNER TO CURRENT_USER",
                "ALTER VIEW salaries OWNER TO CURRENT_USER",
                "ALTER SEQUENCE numbers OWNER TO CURRENT_USER",
                "ALTER FUNCTION raised(integer) OWNER TO CURRENT_USER",
                "ALTER PROCEDURE pay OWNER TO CURRENT_USER",
                "ALTER TYPE mood OWNER TO CURRENT_USER",
                "ALTER DOMAIN grade OWNER TO CURRENT_USER",
                "ALTER SCHEMA archive OWNER TO CURRENT_USER",
                "ALTER TABLE orders OWNER TO CURRENT_USER, ALTER COLUMN note SET STATISTICS 7",
                "DO $$ BEGIN ALTER TABLE orders OWNER TO CURRENT_USER; ALTER TYPE mood OWNER TO CURRENT_USER; END $$",
            })
    void itBelongsToWhomItBelongedAndTheOtherHasItsRights(String change) throws Exception {
        String us = database.database().user();
        String other = memberOf();
        for (String object : List.of("TABLE orders", "VIEW salaries", "SEQUENCE numbers", "SCHEMA archive")) {
            String grants = object.replace("VIEW", "TABLE");
            execute("ALTER " + object + " OWNER TO " + other, "GRANT ALL ON " + grants + " TO " + us);
        }
        for (String object : List.of("FUNCTION raised(integer)", "PROCEDURE pay()", "TYPE mood", "DOMAIN grade")) {
            execute("ALTER " + object + " OWNER TO " + other);
        }
        execute("GRANT UPDATE (note) ON orders TO " + us + ", pg_monitor");
        goesForthAndBack(plan(change));
    }

    @Test
    void aSchemaThatIsGivenAwayIsOursAgain() throws Exception {
        String other = memberOf();
        goesForthAndBack(plan("ALTER SCHEMA archive OWNER TO " + other));
    }

    /** Somebody else, as whom the owner may act. */
    private String memberOf() throws SQLException {
        String other = database.database().newUser();
        RealPostgres.shared()
                .execute("GRANT " + other + " TO " + database.database().user() + " WITH INHERIT TRUE, SET TRUE");
        execute("GRANT ALL ON SCHEMA public, archive TO " + other);
        return other;
    }
}
