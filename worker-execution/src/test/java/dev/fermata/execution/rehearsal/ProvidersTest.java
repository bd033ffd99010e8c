package dev.fermata.execution.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.execution.plan.Planner;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Session;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProvidersTest {
    private static final int ROWS = 100;
    private static SqlParser parser;
    private Stage stage;

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
        stage = new Stage(
                parser,
                "CREATE TABLE customers (id integer PRIMARY KEY, name text, twice integer GENERATED ALWAYS AS (id * 2)"
                        + " STORED)",
                "INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 3000) AS n",
                "CREATE TABLE orders (id bigint, day date, customer integer REFERENCES customers, note text,"
                        + " PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE orders_old PARTITION OF orders FOR VALUES FROM (MINVALUE) TO ('2026-01-01')",
                "CREATE TABLE orders_new PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO (MAXVALUE)",
                "INSERT INTO orders SELECT n, date '2025-06-01' + n % 400, 1 + n % 3000, 'n'"
                        + " FROM generate_series(1, 6000) AS n",
                "CREATE TABLE lines (id integer PRIMARY KEY, order_id bigint, order_day date,"
                        + " FOREIGN KEY (order_id, order_day) REFERENCES orders)",
                "INSERT INTO lines SELECT row_number() OVER (), id, day FROM orders",
                "CREATE TABLE tree (id integer PRIMARY KEY, parent integer REFERENCES tree)",
                "INSERT INTO tree SELECT n, CASE WHEN n > 1 THEN 1 + n * 7919 % (n - 1) END"
                        + " FROM generate_series(1, 1000) AS n",
                "CREATE TABLE hen (id integer PRIMARY KEY, egg integer)",
                "CREATE TABLE egg (id integer PRIMARY KEY, hen integer REFERENCES hen)",
                "INSERT INTO hen SELECT n, CASE WHEN n % 2 = 0 THEN n END FROM generate_series(1, 500) AS n",
                "INSERT INTO egg SELECT n, n FROM generate_series(1, 500) AS n",
                "ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg",
                "CREATE TABLE keyless (a integer)",
                "INSERT INTO keyless SELECT n FROM generate_series(1, 500) AS n",
                "ANALYZE");
    }

    @AfterEach
    void drop() throws SQLException {
        try {
            assertThat(stage.leftovers()).isEmpty();
        } finally {
            stage.close();
        }
    }

    private Clone clone(WorkOrder.Clone kind) throws InterruptedException {
        return Clone.make(
                stage.target(), Stage.RUN, new CloneProviders(1L << 40, ROWS, Map.of()).choose(kind, stage.target()));
    }

    private static long ask(Clone clone, String sql) throws SQLException {
        try (Connection connection = clone.database().open(Session.reader("test"));
                Statement select = connection.createStatement();
                ResultSet row = select.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void aSampleHasSomeRowsOfEachTableAndEveryRowFindsWhatItRefersTo() throws Exception {
        try (Clone clone = clone(WorkOrder.Clone.SAMPLE)) { // all foreign keys hold, or it could not be made
            assertThat(clone.kind()).isEqualTo("sample");
            assertThat(ask(clone, "SELECT count(*) FROM customers")).isEqualTo(ROWS);
            assertThat(ask(clone, "SELECT count(*) FROM orders")).isBetween(1L, 2L * ROWS);
            assertThat(ask(clone, "SELECT count(*) FROM lines")).isBetween(1L, (long) ROWS);
            assertThat(ask(clone, "SELECT count(*) FROM keyless")).isEqualTo(ROWS);
            assertThat(ask(clone, "SELECT count(*) FROM tree WHERE parent IS NOT NULL"))
                    .isPositive();
            assertThat(ask(clone, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"))
                    .isZero();
            assertThat(clone.notes())
                    .anyMatch(note -> note.contains("a sample of the rows"))
                    .anyMatch(note -> note.contains("in a circle"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = WorkOrder.Clone.class,
            names = {"DUMP", "SAMPLE", "SCHEMA"})
    void whatRestsInTheAtticStaysThere(WorkOrder.Clone kind) throws Exception {
        stage.database()
                .execute(
                        "ALTER TABLE orders ADD COLUMN fermata_attic_k_old text DEFAULT 'kept'",
                        "ALTER TABLE keyless ADD COLUMN fermata_attic_k_no integer CONSTRAINT fermata_attic_k_key"
                                + " UNIQUE",
                        "CREATE SCHEMA fermata_attic_k_gone CREATE TABLE things (id integer)",
                        "ANALYZE");
        try (Clone clone = clone(kind)) {
            assertThat(ask(clone, "SELECT count(*) FROM pg_attribute WHERE attname LIKE 'fermata_attic_%'"))
                    .isZero();
            assertThat(ask(clone, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'fermata_attic_%'"))
                    .isZero();
        }
    }

    @Test
    void aCloneHasTheEncodingLocaleAndSettingsOfItsTarget() throws Exception {
        String name = stage.database().name();
        stage.database()
                .execute(
                        "ALTER DATABASE " + name + " SET search_path = app, \"$user\", public",
                        "ALTER DATABASE " + name + " SET xmloption = document",
                        "ALTER ROLE CURRENT_USER IN DATABASE " + name + " SET work_mem = '5MB'");
        try (Connection superuser = stage.database().connectAsSuperuser();
                Statement set = superuser.createStatement()) {
            set.execute("ALTER DATABASE " + name + " SET myapp.mode = 'only a superuser may'");
        }
        try (Clone clone = clone(WorkOrder.Clone.SAMPLE);
                Connection connection = clone.database().open(Session.reader("test"));
                Statement select = connection.createStatement();
                ResultSet row = select.executeQuery("SELECT current_setting('search_path') || ' | '"
                        + " || current_setting('xmloption') || ' | ' || current_setting('work_mem') || ' | '"
                        + " || (SELECT count(DISTINCT (encoding, datcollate, datctype, datlocprovider)) FROM"
                        + " pg_database WHERE datname IN ('" + name + "', current_database()))")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo("app, \"$user\", public | document | 5MB | 1");
            assertThat(clone.notes())
                    .contains("setting myapp.mode of the target is not set here, as only a superuser may");
        }
    }

    @Test
    void aRehearsalOnASampleScalesItsTimesToTheTarget() throws Exception {
        Planner.Planned planned = stage.plan("ALTER TABLE customers ADD COLUMN x integer", null);
        RehearsalReport report = stage.rehearse(planned, plan -> plan, WorkOrder.Clone.SAMPLE);
        assertThat(report.failure()).isNull();
        var facts = Objects.requireNonNull(report.forward().getFirst().facts());
        assertThat(facts.scale()).isGreaterThan(2.0);
        assertThat(facts.scaleBasis()).contains("public.customers takes", "on the target and");
        assertThat(report.cloneNotes()).isNotEmpty();
    }

    @Test
    void aSchemaHasTheStatisticsOfTheTargetAndNoRows() throws Exception {
        try (Clone clone = clone(WorkOrder.Clone.SCHEMA)) {
            assertThat(ask(clone, "SELECT count(*) FROM customers")).isZero();
            assertThat(ask(clone, "SELECT reltuples FROM pg_class WHERE relname = 'customers'"))
                    .isEqualTo(3000);
            assertThat(ask(clone, "SELECT count(*) FROM pg_stats WHERE tablename = 'customers' AND attname = 'name'"))
                    .isEqualTo(1);
            assertThat(clone.notes()).anyMatch(note -> note.contains("statistics of"));
        }
    }

    @Test
    void everyWayToGetACloneSaysWhatItGives() {
        CloneProviders providers = new CloneProviders(0, ROWS, Map.of());
        for (WorkOrder.Clone kind : List.of(
                WorkOrder.Clone.DUMP, WorkOrder.Clone.SAMPLE, WorkOrder.Clone.SCHEMA, WorkOrder.Clone.TEMPLATE)) {
            CloneProvider provider = providers.choose(kind, stage.target());
            assertThat(provider.kind()).isEqualTo(kind.wire());
            assertThat(provider.describe()).isNotBlank();
        }
        assertThat(providers.choose(WorkOrder.Clone.AUTO, stage.target()).kind())
                .isEqualTo("sample");
        assertThatThrownBy(() -> providers.choose(WorkOrder.Clone.BRANCH, stage.target()))
                .isInstanceOf(CloneRefusedException.class)
                .hasMessageContaining("neon-project");
    }
}
