package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.SampleDatabase;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server lets a user end and cancel what it logged in for, whatever role that acts as. */
class OwnersRoleTest {
    private static final Duration BUDGET = Duration.ofMillis(600);

    private Workbench bench;
    private TargetDatabase target;

    @BeforeEach
    void open() throws Exception {
        bench = new Workbench(
                RealPostgres.shared(),
                "CREATE TABLE items (id int PRIMARY KEY, amount int)",
                "INSERT INTO items SELECT n, n FROM generate_series(1, 1000) AS n");
        target = SampleDatabase.member(bench.database);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private static Plan holding() {
        return Workbench.plan(
                BUDGET,
                2,
                Workbench.strong(
                        "public.items",
                        Inverse.transaction("ALTER TABLE items DROP COLUMN x"),
                        "ALTER TABLE items ADD COLUMN x int",
                        "SELECT pg_sleep(4)"));
    }

    @Test
    void whatHoldsUpTheApplicationIsCancelled() throws Exception {
        Plan plan = holding();
        try (Application application = Application.running(bench.database, "SELECT count(*) FROM items")) {
            Awaitility.await().until(() -> application.statements() > 10);
            assertThatThrownBy(() ->
                            Workbench.run(target, plan, Direction.FORWARD, Limits.of(plan.settings()), 1, bench.heard))
                    .isInstanceOf(StepFailedException.class)
                    .hasMessageContaining("longer under its lock than others can wait");
            assertThat(application.longestStall())
                    .isLessThan(BUDGET.multipliedBy(12).dividedBy(10));
        }
    }

    @Test
    void aSessionThatAnEarlierAttemptLeftIsEndedAndTheNextActsAsTheRole() throws Exception {
        Plan plan = holding();
        try (Connection orphan =
                target.open(Session.writer(Workbench.scope(plan, 1).session("1")))) {
            orphan.setAutoCommit(false);
            assertThat(ask(orphan, "SELECT current_user")).isEqualTo(bench.database.user());
            try (TargetSession next =
                    TargetSession.takeOver(target, Workbench.scope(plan, 2), Duration.ofSeconds(5), () -> {})) {
                assertThat(orphan.isValid(5)).isFalse();
                assertThat(ask(next.connection(), "SELECT current_user")).isEqualTo(bench.database.user());
            }
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
