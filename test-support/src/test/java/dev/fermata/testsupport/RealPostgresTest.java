package dev.fermata.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RealPostgresTest {
    @Test
    void eachTestHasADatabaseOfItsOwn() throws Exception {
        try (TestDatabase one = RealPostgres.shared().newDatabase();
                TestDatabase other = RealPostgres.shared().newDatabase()) {
            one.execute("create table mine(id int)");
            assertThat(one.ask("select to_regclass('mine')")).isEqualTo("mine");
            assertThat(other.ask("select to_regclass('mine')")).isEqualTo("null");
        }
    }

    @Test
    void theOwnerIsNoSuperuserButMayCreateDatabases() throws Exception {
        try (TestDatabase database = RealPostgres.shared().newDatabase()) {
            assertThat(database.ask("select rolsuper || ' ' || rolcreatedb from pg_roles where rolname = current_user"))
                    .isEqualTo("false true");
            assertThat(database.ask(
                            "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"))
                    .isEqualTo(database.user());
        }
    }

    @Test
    void closingDropsClonesSlotsAndRoleEvenWhileSomebodyIsConnected() throws Exception {
        TestDatabase database = RealPostgres.shared().newDatabase();
        String clone = database.name() + "_clone";
        database.execute("create database " + clone);
        try (Connection superuser = database.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("select pg_create_logical_replication_slot('" + database.name() + "', 'pgoutput')");
            database.close();
        }
        try (TestDatabase witness = RealPostgres.shared().newDatabase()) {
            assertThat(witness.askAll("select datname from pg_database")).doesNotContain(database.name(), clone);
            assertThat(witness.askAll("select rolname from pg_roles")).doesNotContain(database.user());
        }
    }

    @Test
    void statementStatisticsCanBeSwitchedOn() throws Exception {
        try (TestDatabase database = RealPostgres.shared().newDatabase();
                Connection superuser = database.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("create extension pg_stat_statements");
            assertThat(database.ask("select count(*) >= 0 from pg_stat_statements"))
                    .isEqualTo("t");
        }
    }

    @Test
    void committedRowsSurviveACrashOfTheServer() throws Exception {
        try (RealPostgres postgres = RealPostgres.startOwn();
                TestDatabase database = postgres.newDatabase()) {
            database.execute("create table kept as select 7 as value");
            try (Connection before = database.connect()) {
                postgres.restart();
                assertThatThrownBy(() -> before.createStatement().execute("select 1"))
                        .isInstanceOf(SQLException.class);
            }
            assertThat(database.ask("select value from kept")).isEqualTo("7");
        }
    }

    @Test
    void sessionsEndAndRowsStayWhenTheServerIsRestartedFast() throws Exception {
        try (RealPostgres postgres = RealPostgres.startOwn();
                TestDatabase database = postgres.newDatabase()) {
            database.execute("create table kept as select 7 as value");
            try (Connection open = database.connect()) {
                open.setAutoCommit(false);
                open.createStatement().execute("delete from kept");
                postgres.restartFast();
                assertThatThrownBy(open::commit).isInstanceOf(SQLException.class);
            }
            assertThat(database.ask("select value from kept")).isEqualTo("7");
        }
    }

    @Test
    void theSharedServerCannotBeStopped() {
        assertThatThrownBy(() -> RealPostgres.shared().stopImmediate())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("RealPostgres.startOwn()");
    }
}
