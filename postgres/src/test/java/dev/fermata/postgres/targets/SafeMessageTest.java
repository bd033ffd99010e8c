package dev.fermata.postgres.targets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafeMessageTest {
    private static final String CARD = "4711-0815";

    private static TestDatabase database;
    private static Connection connection;

    @BeforeAll
    static void openDatabase() throws SQLException {
        database = RealPostgres.shared().newDatabase();
        connection = database.connectAsSuperuser();
        try (Statement statement = connection.createStatement()) {
            statement.execute("""
                create table cards (number text primary key check (number <> 'bad 4711-0815'), n int not null, d date);
                create table refs (number text references cards, excl int4range, exclude using gist (excl with &&));
                insert into cards values ('4711-0815', 1);
                insert into refs values ('4711-0815', '[1,5)');
                create table misc (v text); insert into misc values ('4711-0815');
                create table parts (number text) partition by list (number);
                create view cards_view as select * from cards\
                """);
        }
    }

    @AfterAll
    static void closeDatabase() throws SQLException {
        connection.close();
        database.close();
    }

    static Stream<Arguments> errors() {
        return Stream.of(
                arguments(
                        "insert into cards values ('4711-0815', 1)",
                        Trouble.CONSTRAINT_VIOLATION,
                        "23505 unique constraint violated (constraint \"cards_pkey\", table \"cards\", schema"
                                + " \"public\")"),
                arguments(
                        "insert into cards values ('bad 4711-0815', 1)",
                        Trouble.CONSTRAINT_VIOLATION,
                        "23514 check constraint violated (constraint \"cards_number_check\", table \"cards\", schema"
                                + " \"public\")"),
                arguments(
                        "insert into cards values ('x 4711-0815', null)",
                        Trouble.CONSTRAINT_VIOLATION,
                        "23502 null in a column that must not be null (column \"n\", table \"cards\", schema"
                                + " \"public\")"),
                arguments(
                        "delete from cards",
                        Trouble.CONSTRAINT_VIOLATION,
                        "23503 foreign key violated (constraint \"refs_number_fkey\", table \"refs\", schema"
                                + " \"public\")"),
                arguments(
                        "insert into refs values (null, '[4,711)')",
                        Trouble.CONSTRAINT_VIOLATION,
                        "23P01 exclusion constraint violated (constraint \"refs_excl_excl\", table \"refs\", schema"
                                + " \"public\")"),
                arguments(
                        "insert into parts values ('4711-0815')",
                        Trouble.CONSTRAINT_VIOLATION,
                        "23514 check constraint violated (table \"parts\", schema \"public\")"),
                arguments(
                        "select number::int from cards",
                        Trouble.DATA,
                        "22P02 value of the wrong form (no message: it may quote row data; see the server log)"),
                arguments(
                        "alter table misc alter v type int using (v::int)",
                        Trouble.DATA,
                        "22P02 value of the wrong form (no message: it may quote row data; see the server log)"),
                arguments(
                        "do $$ begin raise exception 'card 4711-0815'; end $$",
                        Trouble.OTHER,
                        "P0001 raised by a function or trigger (no message: it may quote row data; see the server"
                                + " log)"),
                arguments(
                        "do $$ begin raise exception 'rows of orders differ' using errcode = 'FM001'; end $$",
                        Trouble.OTHER,
                        "FM001 rows of orders differ"),
                arguments(
                        "do $$ begin raise exception 'card 4711-0815' using errcode = '42501'; end $$",
                        Trouble.PERMISSION_DENIED,
                        "42501 error (no message: it may quote row data; see the server log)"),
                arguments(
                        "select * from nowhere", Trouble.UNDEFINED_OBJECT, "42P01 relation \"nowhere\" does not exist"),
                arguments(
                        "select nothing from cards",
                        Trouble.UNDEFINED_OBJECT,
                        "42703 column \"nothing\" does not exist"),
                arguments("create table cards ()", Trouble.DUPLICATE_OBJECT, "42P07 relation \"cards\" already exists"),
                arguments("selec 1", Trouble.SYNTAX, "42601 syntax error at or near \"selec\""),
                arguments(
                        "drop table cards",
                        Trouble.DEPENDENT_OBJECTS,
                        "2BP01 cannot drop table cards because other objects depend on it: constraint refs_number_fkey"
                                + " on table refs depends on table cards; view cards_view depends on table cards"),
                arguments(
                        "alter table cards alter number type varchar",
                        Trouble.OTHER,
                        "0A000 cannot alter type of a column used by a view or rule"),
                arguments("begin; vacuum cards", Trouble.OTHER, "25001 VACUUM cannot run inside a transaction block"),
                arguments(
                        "set statement_timeout = 1; select pg_sleep(5)",
                        Trouble.CANCELLED,
                        "57014 canceling statement due to statement timeout"),
                arguments(
                        "select pg_terminate_backend(pg_backend_pid())",
                        Trouble.CONNECTION_LOST,
                        "57P01 terminating connection due to administrator command"));
    }

    @ParameterizedTest
    @MethodSource("errors")
    void saysWhatHappenedWithoutTheRow(String sql, Trouble trouble, String message) throws SQLException {
        try (Connection own = database.connectAsSuperuser();
                Statement statement = own.createStatement()) {
            SQLException e = failure(statement, sql);
            assertThat(SafeMessage.of(e)).hasToString(message);
            assertThat(Trouble.of(e)).isEqualTo(trouble);

            StringWriter logged = new StringWriter();
            TargetException.of("running a step", e).printStackTrace(new PrintWriter(logged));
            assertThat(logged.toString()).doesNotContain(CARD).doesNotContain("bad ");
        }
    }

    @Test
    void lockTimeoutAndDeadlockAreToldApart() throws SQLException {
        try (Connection holder = database.connectAsSuperuser();
                Connection waiter = database.connectAsSuperuser();
                Statement held = holder.createStatement();
                Statement waiting = waiter.createStatement()) {
            holder.setAutoCommit(false);
            held.execute("lock table cards");
            SQLException e = failure(waiting, "set lock_timeout = 10; select * from cards");
            assertThat(Trouble.of(e)).isEqualTo(Trouble.LOCK_NOT_AVAILABLE);
            assertThat(Trouble.of(e).mayPass()).isTrue();
            assertThat(SafeMessage.of(e)).hasToString("55P03 canceling statement due to lock timeout");
            holder.rollback();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "40P01, DEADLOCK", "40001, SERIALIZATION_FAILURE", "08006, CONNECTION_LOST", "08001, CONNECTION_LOST",
                "57P03, CONNECTION_LOST",
        "25P03, CONNECTION_LOST", "28P01, AUTHENTICATION_REFUSED", "3D000, DATABASE_MISSING", "53100, DISK_FULL",
                "53300, RESOURCES",
        "42883, UNDEFINED_OBJECT", "XX000, UNEXPECTED", "55006, IN_USE", "XX001, OTHER", "'', OTHER"
    })
    void classifiesByState(String state, Trouble trouble) {
        assertThat(Trouble.of(new SQLException("x", state))).isEqualTo(trouble);
    }

    @Test
    void messageOfTheDriverIsKeptOnlyAboutConnections() {
        assertThat(SafeMessage.of(new SQLException("Bad value for type int : 4711-0815", "22003")))
                .hasToString("22003 number out of range (reported by the driver)");
        assertThat(SafeMessage.of(new SQLException("This connection has been closed.", "08003")))
                .hasToString("08003 This connection has been closed.");
        assertThat(SafeMessage.of(new SQLException("4711-0815"))).hasToString("----- error (reported by the driver)");
    }

    private static SQLException failure(Statement statement, String sql) {
        return Objects.requireNonNull(catchThrowableOfType(SQLException.class, () -> statement.execute(sql)), sql);
    }
}
