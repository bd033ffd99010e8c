package dev.fermata.execution.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.plan.QueryGuard;
import dev.fermata.contracts.plan.QueryGuard.Effect;
import dev.fermata.contracts.plan.QueryGuard.QueryChange;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The database is its own clone here: what matters is what is planned before and after. */
class GuardTest {
    private static final QualifiedName ORDERS = new QualifiedName("public", "orders");

    private static SqlParser parser;
    private TestDatabase shop;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    @BeforeEach
    void fill() throws SQLException {
        shop = RealPostgres.shared().newDatabase();
        try (Connection superuser = shop.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("create extension pg_stat_statements");
        }
        shop.execute("""
            create table orders (id bigint primary key, customer int, note text);
            create table others (id bigint primary key, note text);
            create view recent as select id, note from orders;
            insert into orders select i, i % 5000, 'n' || i from generate_series(1, 200000) i;
            create index by_customer on orders (customer);
            analyze
            """);
        query("select note from orders where customer = ?", 7);
        query("select note from recent where id = ?", 7);
        query("select note from others where id = ?", 7);
        query("update orders set note = 'x' where id = ?", 7);
    }

    @AfterEach
    void drop() {
        shop.close();
    }

    private void query(String sql, int value) throws SQLException {
        try (Connection connection = shop.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, value);
            statement.execute();
        }
    }

    private QueryGuard guarded(boolean hasRows, String... change) throws SQLException {
        return guarded(Set.of(ORDERS), hasRows, change);
    }

    private QueryGuard guarded(Set<QualifiedName> tables, boolean hasRows, String... change) throws SQLException {
        TopQueries top;
        try (Connection target = shop.connect()) {
            top = TopQueries.read(target);
        }
        Guard guard = new Guard(top, tables, parser, hasRows);
        try (Connection clone = shop.connect()) {
            guard.before(clone);
            shop.execute(change);
            return guard.after(clone);
        }
    }

    @Test
    void givenAQueryByTheOldName_whenTheNameGoesWithTheContraction_thenItIsToldThatItFailsOnlyThen()
            throws SQLException {
        TopQueries top;
        try (Connection target = shop.connect()) {
            top = TopQueries.read(target);
        }
        Guard guard = new Guard(top, Set.of(ORDERS), parser, true);
        QueryGuard after;
        try (Connection clone = shop.connect()) {
            guard.before(clone);
            shop.execute("alter table orders add column buyer int", "drop index by_customer");
            QueryGuard halfway = guard.after(clone);
            shop.execute("alter table orders drop column customer", "alter table orders drop column note cascade");
            after = guard.afterContract(clone, halfway);
        }

        assertThat(after.changes())
                .extracting(QueryChange::effect)
                .containsExactlyInAnyOrder(Effect.INDEX_LOST, Effect.FAILS_AFTER_CONTRACT, Effect.FAILS_AFTER_CONTRACT);
        assertThat(after.changes())
                .filteredOn(change -> change.effect() == Effect.FAILS_AFTER_CONTRACT)
                .allSatisfy(change -> assertThat(change.what()).contains("as long as both names work"));
        assertThat(after.queries()).isEqualTo(3);
    }

    @Test
    void aQueryThatNamesWhatIsGoneFails() throws SQLException {
        QueryGuard guard = guarded(true, "alter table orders rename column customer to buyer");

        assertThat(guard.changes())
                .filteredOn(change -> change.effect() == Effect.FAILS)
                .extracting(QueryChange::sql)
                .containsExactly("select note from orders where customer = $1");
        assertThat(guard.changes().getFirst().what()).contains("42703");
    }

    @Test
    void aQueryWhoseIndexIsGoneReadsTheTable() throws SQLException {
        QueryGuard guard = guarded(true, "drop index by_customer");

        assertThat(guard.changes()).singleElement().satisfies(change -> {
            assertThat(change.effect()).isEqualTo(Effect.INDEX_LOST);
            assertThat(change.sql()).isEqualTo("select note from orders where customer = $1");
            assertThat(change.calls()).isEqualTo(1);
            assertThat(change.what()).contains("reads all of orders", "by_customer");
        });
    }

    @Test
    void whatTouchesOtherTablesOnlyIsNotPlannedAndViewsAreSeenThrough() throws SQLException {
        // Two on the table, one through the view.
        assertThat(guarded(true, "comment on table orders is 'x'").queries()).isEqualTo(3);
    }

    @Test
    void aChangeThatHarmsNoQuerySaysNothing() throws SQLException {
        QueryGuard guard = guarded(true, "alter table orders add column a int", "create index more on orders (note)");

        assertThat(guard.looked()).isTrue();
        assertThat(guard.changes()).isEmpty();
    }

    @Test
    void withoutRowsOnlyFailuresAreTold() throws SQLException {
        QueryGuard guard = guarded(false, "drop index by_customer");

        assertThat(guard.changes()).isEmpty();
        assertThat(guard.why()).contains("not all rows");
    }

    @Test
    void withoutTheExtensionItSaysSo() throws SQLException {
        try (Connection superuser = shop.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("drop extension pg_stat_statements");
        }
        QueryGuard guard = guarded(true, "drop index by_customer");

        assertThat(guard.looked()).isFalse();
        assertThat(guard.why()).contains("CREATE EXTENSION pg_stat_statements");
    }

    @Test
    void queriesOfOthersAreHiddenAndTheGrantIsNamed() throws SQLException {
        try (Connection superuser = shop.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("select count(*) from orders where customer = 9");
        }
        assertThat(guarded(true, "drop index by_customer").why()).contains("GRANT pg_read_all_stats TO " + shop.user());
    }

    /** By the setting of its role, which is not ours. */
    @Test
    void aQueryOfAnApplicationThatLooksForNamesElsewhereIsWatchedThere() throws SQLException {
        String application = shop.newUser();
        shop.execute(
                "create schema app",
                "create table app.orders (id bigint primary key, note text)",
                "grant usage on schema app to " + application,
                "grant select on app.orders to " + application);
        try (Connection superuser = shop.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("alter role " + application + " set search_path = app");
            statement.execute("grant pg_read_all_stats to " + shop.user());
        }
        try (Connection connection = DriverManager.getConnection(shop.jdbcUrl(), application, shop.password());
                Statement statement = connection.createStatement()) {
            statement.execute("select note from orders where id = 7");
        }
        QueryGuard guard =
                guarded(Set.of(new QualifiedName("app", "orders")), true, "alter table app.orders drop column note");
        assertThat(guard.queries()).isEqualTo(1);
        assertThat(guard.changes()).singleElement().satisfies(change -> assertThat(change.effect())
                .isEqualTo(Effect.FAILS));
        assertThat(guarded(true, "comment on table orders is 'x'").queries())
                .as("those on the other table of the name")
                .isEqualTo(3);
    }

    /** Which nobody but the session knows; ours has one that finds the tables, or we could not change them by name. */
    @Test
    void aQueryOfAnApplicationWhoseSessionsSetTheirPathIsWatchedByOurs() throws SQLException {
        String application = shop.newUser();
        try (Connection superuser = shop.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute(
                    "create schema hidden; create schema elsewhere; create table hidden.parcels (id bigint, note text);"
                            + " alter table hidden.parcels owner to " + shop.user());
            statement.execute("alter role " + application + " set search_path = elsewhere");
            statement.execute("grant usage on schema hidden to " + application + ", " + shop.user());
            statement.execute("grant select on hidden.parcels to " + application);
            statement.execute("alter role " + shop.user() + " set search_path = hidden, public");
            statement.execute("grant pg_read_all_stats to " + shop.user());
        }
        try (Connection connection = DriverManager.getConnection(shop.jdbcUrl(), application, shop.password());
                Statement statement = connection.createStatement()) {
            statement.execute("set search_path = hidden");
            statement.execute("select note from parcels where id = 7");
        }
        QueryGuard guard = guarded(
                Set.of(new QualifiedName("hidden", "parcels")), true, "alter table hidden.parcels drop column note");
        assertThat(guard.changes()).singleElement().satisfies(change -> assertThat(change.effect())
                .isEqualTo(Effect.FAILS));
    }

    @Test
    void whatCouldNotBePlannedBeforeTheChangeIsCounted() throws SQLException {
        shop.execute("create table shortlived (id bigint)", "select count(*) from orders join shortlived using (id)");
        shop.execute("drop table shortlived");
        assertThat(guarded(true, "drop index by_customer").why())
                .as("with the one that filled the table, whose parameters have no type")
                .contains("2 queries on the tables of the plan");
    }

    @Test
    void plansAreComparedByWhatIsFelt() {
        QueryPlan index = new QueryPlan(null, 8, Set.of("i"), Set.of());
        QueryPlan other = new QueryPlan(null, 9, Set.of("j"), Set.of());
        QueryPlan small = new QueryPlan(null, 60, Set.of(), Set.of("t"));
        QueryPlan large = new QueryPlan(null, 60_000, Set.of(), Set.of("t"));
        QueryPlan dear = new QueryPlan(null, 60_000, Set.of("i"), Set.of());

        assertThat(Guard.compare(index, other, true)).isEmpty();
        assertThat(Guard.compare(index, small, true)).isEmpty();
        assertThat(Guard.compare(index, large, true))
                .hasValueSatisfying(one -> assertThat(one.effect()).isEqualTo(Effect.INDEX_LOST));
        assertThat(Guard.compare(index, dear, true))
                .hasValueSatisfying(one -> assertThat(one.effect()).isEqualTo(Effect.COSTLIER));
        assertThat(Guard.compare(index, large, false)).isEmpty();
        assertThat(Guard.compare(index, QueryPlan.refused("42703"), false))
                .hasValueSatisfying(one -> assertThat(one.effect()).isEqualTo(Effect.FAILS));
    }
}
