package dev.fermata.execution.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.id.RunId;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForgottenClonesTest {
    private static final RunId OTHER = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CC/shop");
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
        stage = new Stage(parser, "CREATE TABLE items (id integer PRIMARY KEY)", "INSERT INTO items VALUES (1)");
    }

    @AfterEach
    void drop() {
        stage.close();
    }

    private Clone clone(RunId run) throws InterruptedException {
        return Clone.make(stage.target(), run, new DumpClones(DumpClones.all()));
    }

    private int sweep() {
        return Clone.sweep(stage.target(), List.of());
    }

    @Test
    void whatAKilledWorkerLeavesBehindGoesWithTheNextSweep() throws Exception {
        Process worker = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WorkerThatIsKilled.class.getName(),
                        stage.target().address().host(),
                        Integer.toString(stage.target().address().port()),
                        stage.database().name(),
                        stage.database().user())
                .redirectErrorStream(true)
                .start();
        try {
            worker.getOutputStream().write((stage.database().password() + "\n").getBytes(StandardCharsets.UTF_8));
            worker.getOutputStream().flush();
            BufferedReader said =
                    new BufferedReader(new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8));
            String line = said.readLine();
            while (line != null && !line.equals(WorkerThatIsKilled.READY)) {
                line = said.readLine();
            }
            assertThat(line).isEqualTo(WorkerThatIsKilled.READY);
            assertThat(stage.leftovers()).hasSize(2);
            assertThat(sweep()).as("clones of a worker that is alive").isZero();
            assertThat(stage.leftovers()).hasSize(2);
        } finally {
            worker.destroyForcibly().waitFor();
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            sweep();
            assertThat(stage.leftovers()).isEmpty();
        });
    }

    @Test
    void aCloneInUseStaysWhileAForgottenOneGoes() throws Exception {
        try (Clone used = clone(Stage.RUN)) {
            Clone forgotten = clone(OTHER);
            endSessionThatKeeps(OTHER);
            assertThat(stage.leftovers()).hasSize(2);
            assertThat(sweep()).isEqualTo(1);
            assertThat(stage.leftovers())
                    .containsExactly(used.database().address().database());
            try (Connection connection = used.database().open(Session.reader("test"))) {
                assertThat(connection.isValid(1)).isTrue();
            }
            forgotten.close(); // finds nothing to remove, and says nothing
        }
        assertThat(stage.leftovers()).isEmpty();
    }

    @Test
    void theNextAttemptOfARunTakesItsCloneOver() throws Exception {
        Clone first = clone(Stage.RUN);
        try (Connection inTheWay = first.database().open(Session.reader("test"))) {
            try (Clone second = clone(Stage.RUN)) {
                assertThat(second.database().address())
                        .isEqualTo(first.database().address());
                assertThat(inTheWay.isValid(1)).isFalse();
                assertThat(sweep()).as("in use by the second attempt").isZero();
            }
        }
        assertThat(stage.leftovers()).isEmpty();
    }

    /** The earlier one may be slow to hear that it is over. */
    @Test
    void anAttemptThatWasTakenOverLeavesTheCloneToTheLaterOne() throws Exception {
        Clone first = clone(Stage.RUN);
        Clone.Copy copyOfFirst = first.copy("w");
        try (Clone second = clone(Stage.RUN);
                Clone.Copy copyOfSecond = second.copy("w")) {
            copyOfFirst.close();
            first.close();
            try (Connection clone = second.database().open(Session.reader("test"));
                    Connection copy = copyOfSecond.database().open(Session.reader("test"))) {
                assertThat(clone.isValid(1)).isTrue();
                assertThat(copy.isValid(1)).isTrue();
            }
        }
        assertThat(stage.leftovers()).isEmpty();
    }

    @Test
    void scratchDatabasesAreSweptToo() throws SQLException {
        Clone scratch = Clone.scratch(stage.target(), OTHER, OTHER.toString(), "");
        endSessionThatKeeps(OTHER);
        assertThat(sweep()).isEqualTo(1);
        assertThat(stage.leftovers()).isEmpty();
        scratch.close();
    }

    @Test
    void aTemplateNeedsTheTargetToItselfAndSaysSo() throws Exception {
        TemplateClones template = new TemplateClones();
        try (Connection inTheWay = stage.target().open(Session.reader("an application"))) {
            assertThat(inTheWay.isValid(1)).isTrue();
            assertThatThrownBy(() -> Clone.make(stage.target(), Stage.RUN, template))
                    .isInstanceOf(CloneRefusedException.class)
                    .hasMessageContaining("others are connected")
                    .hasMessageContaining("rehearsal.clone: dump");
        }
        try (Clone clone = Clone.make(stage.target(), Stage.RUN, template);
                Connection connection = clone.database().open(Session.reader("test"))) {
            assertThat(connection
                            .getMetaData()
                            .getTables(null, "public", "items", null)
                            .next())
                    .isTrue();
        }
        assertThat(stage.leftovers()).isEmpty();
    }

    @Test
    void aCloneThatIsBeingVacuumedGoesAllTheSame() throws Exception {
        Map<String, String> slow = Map.of(
                "autovacuum_naptime", "1s",
                "autovacuum_vacuum_cost_delay", "100ms",
                "autovacuum_vacuum_cost_limit", "1",
                "autovacuum_vacuum_threshold", "10",
                "autovacuum_vacuum_scale_factor", "0");
        try (RealPostgres server = RealPostgres.startOwn(slow);
                TestDatabase database = server.newDatabase()) {
            Clone clone = Clone.scratch(Stage.target(server, database), OTHER, OTHER.toString(), "");
            String name = clone.database().address().database();
            try (Connection connection = clone.database().open(Session.writer("test"));
                    Statement fill = connection.createStatement()) {
                fill.execute("CREATE TABLE items AS SELECT n FROM generate_series(1, 50000) AS n");
                fill.execute("UPDATE items SET n = 2");
            }
            String vacuums = "SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
                    + " AND datname = '" + name + "'";
            try (Connection admin = server.connectAsSuperuser("postgres")) {
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> says(admin, vacuums));
                clone.close();
                assertThat(says(admin, "SELECT count(*) = 0 FROM pg_database WHERE datname = '" + name + "'"))
                        .isTrue();
            }
        }
    }

    private static boolean says(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    @Test
    void whatCannotBeMadeLeavesNothingBehind() throws Exception {
        CloneProvider failing = new DumpClones(new Statistics() {
            @Override
            public List<String> copy(Connection source, Connection clone) {
                throw new IllegalStateException("no more");
            }
        });
        assertThatThrownBy(() -> Clone.make(stage.target(), Stage.RUN, failing)).hasMessage("no more");
        assertThat(stage.leftovers()).isEmpty();
        assertThatThrownBy(() -> {
                    try (Clone clone = clone(Stage.RUN);
                            Connection inTheWay = clone.database().open(Session.reader("test"))) {
                        assertThat(inTheWay.isValid(1)).isTrue();
                        clone.copy("w");
                    }
                })
                .isInstanceOf(TargetException.class);
        assertThat(stage.leftovers()).isEmpty();
    }

    private void endSessionThatKeeps(RunId run) throws SQLException {
        stage.database()
                .askAll("SELECT pg_terminate_backend(pid, 5000)::text FROM pg_stat_activity WHERE application_name ="
                        + " 'fermata-clone/" + run.order() + "'");
    }
}
