package dev.fermata.execution.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class BaselineTest {
    private static final String VIEW = "CREATE VIEW salaries AS SELECT id FROM orders";

    private TestDatabase database;
    private Connection connection;

    @BeforeEach
    void create() throws SQLException {
        database = RealPostgres.shared()
                .newDatabase(List.of(
                        "CREATE TABLE orders (id integer, note text)",
                        VIEW,
                        "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                        "CREATE TYPE mood AS ENUM ('glad')",
                        "GRANT SELECT ON orders, salaries TO pg_monitor"));
        connection = database.connect();
    }

    @AfterEach
    void drop() throws SQLException {
        connection.close();
        database.close();
    }

    private CatalogSnapshot after(String... sql) throws SQLException {
        database.execute(sql);
        return CatalogSnapshot.read(connection);
    }

    private List<String> notRestored(Baseline before, CatalogSnapshot start, CatalogSnapshot now) {
        return before.rightsNotRestored(before.changeTo(start), start, now).stream()
                .map(line -> line.replace(database.user(), "owner"))
                .toList();
    }

    @Test
    void whatIsMadeAgainWithOtherRightsIsNotRestored() throws Exception {
        Baseline before = Baseline.read(connection, List.of());
        CatalogSnapshot start = after("DROP VIEW salaries", "DROP FUNCTION one()", "DROP TYPE mood");
        CatalogSnapshot now = after(
                VIEW,
                "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
                "REVOKE ALL ON FUNCTION one() FROM PUBLIC",
                "CREATE TYPE mood AS ENUM ('glad')");
        assertThat(notRestored(before, start, now))
                .containsExactly(
                        "grant on function public.one() is left over", "grant on relation public.salaries is missing");
        assertThat(notRestored(Baseline.parse(before.write()), start, after("GRANT SELECT ON salaries TO pg_monitor")))
                .containsExactly("grant on function public.one() is left over");
    }

    @Test
    void whatTheWayBackTakesAwayFromATableOfTheChangeIsNotRestored() throws Exception {
        Baseline before = Baseline.read(connection, List.of());
        CatalogSnapshot start = after("ALTER TABLE orders DROP COLUMN note");
        CatalogSnapshot now =
                after("ALTER TABLE orders ADD COLUMN note text", "REVOKE SELECT ON orders FROM pg_monitor");
        assertThat(notRestored(before, start, now))
                .singleElement()
                .asString()
                .startsWith("grant on relation public.orders is missing");
    }

    @Test
    void whatOthersHaveGrantedSinceAndWhatIsNoneOfTheChangeIsNotLookedAt() throws Exception {
        Baseline before = Baseline.read(connection, List.of());
        CatalogSnapshot start =
                after("ALTER TABLE orders ADD COLUMN more text", "GRANT INSERT ON orders TO pg_monitor");
        CatalogSnapshot now =
                after("ALTER TABLE orders DROP COLUMN more", "GRANT EXECUTE ON FUNCTION one() TO pg_monitor");
        assertThat(notRestored(before, start, now)).isEmpty();
    }

    @Test
    void aRunThatBeganBeforeRightsWereKeptIsNotComparedByThem() throws Exception {
        Baseline before = Baseline.parse("{\"catalog\": {\"view public.salaries\": \"\"}, \"answers\": {}}");
        CatalogSnapshot start = after("DROP VIEW salaries");
        assertThat(notRestored(before, start, after(VIEW))).isEmpty();
    }
}
