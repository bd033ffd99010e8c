package dev.fermata.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fermata.analysis.estimate.Calibration;
import dev.fermata.analysis.estimate.Calibration.Factor;
import dev.fermata.analysis.estimate.Operation;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.Estimate;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.StatementImpact;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.PlanPrepared;
import dev.fermata.contracts.message.ExecutionMessage.StepCompleted;
import dev.fermata.contracts.message.ImpactMessage.ImpactReported;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.runtime.bus.UnitOfWork;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LessonsTest {
    private static final RunId RUN = RunId.parse("wo_01JDXJ6Y7ZKQ4V5N8M2B3C4D5E/shop");
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private TestDatabase control;
    private Connection connection;

    /** Only what decisions need of one. */
    private record Work(Connection connection, Instant now) implements UnitOfWork {
        @Override
        public void publish(Message message) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void startTimer(String key, String kind, Instant due, String payload) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void cancelTimer(String key, String kind) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean acceptJob(String key, long epoch, Message message) {
            throw new UnsupportedOperationException();
        }

        @Override
        public @Nullable String traceparent() {
            return null;
        }
    }

    @BeforeEach
    void open() throws IOException, SQLException {
        control = RealPostgres.shared().newDatabase();
        try (InputStream script = Lessons.class.getResourceAsStream("/db/worker_analysis/V100__estimates.sql")) {
            control.execute(new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8));
        }
        connection = control.connect();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        control.close();
    }

    private Work work() {
        return new Work(connection, NOW);
    }

    private void reported(String operation, Duration likely, double factor) throws SQLException {
        Estimate estimate = new Estimate(operation, likely, likely, likely, 0, 0, factor, "test");
        StatementImpact statement = new StatementImpact(
                0, 1, 1, "CREATE INDEX i ON t (a)", "CREATE INDEX", List.of(), true, false, true, List.of(), estimate);
        Lessons.reported(
                new ImpactReported(
                        RUN,
                        1,
                        new ImpactReport(
                                180_006,
                                "test",
                                List.of(statement),
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                RiskLevel.LOW,
                                List.of("test"),
                                NOW,
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of())),
                work());
    }

    private static Step step(int no, String sql) {
        return new Step(
                no,
                Phase.EXPAND,
                StepKind.TRANSACTION,
                List.of(sql),
                List.of(),
                true,
                "test",
                0,
                Inverse.transaction("SELECT 1"),
                List.of(),
                null);
    }

    private static Plan plan(List<Step> steps) {
        return new Plan(
                RUN,
                1,
                new Plan.DatabaseIdentity("7441234567890123456", "shop"),
                WorkOrder.Strategy.ONLINE,
                steps,
                new Plan.Rollback(Plan.Source.GENERATED, List.of()),
                new Plan.Settings(Duration.ofSeconds(1), 30, Duration.ofHours(1)),
                "sha256:" + "0123456789abcdef".repeat(4),
                List.of("public.t"),
                List.of());
    }

    private void planned(Step... steps) throws SQLException {
        Lessons.planned(new PlanPrepared(RUN, 1, 1, plan(List.of(steps)), "sha256:x"), work());
    }

    private void completed(Duration elapsed, Duration lockWait, int attempts, boolean recovered) throws SQLException {
        Lessons.completed(
                new StepCompleted(RUN, 1, 1, 1, Direction.FORWARD, elapsed, lockWait, -1, attempts, recovered), work());
    }

    private Calibration learnt() throws SQLException {
        return Lessons.of(connection, "shop");
    }

    @Test
    void oneOrderTeachesHowMuchLongerItTakesHere() throws SQLException {
        reported("index", Duration.ofSeconds(2), 1);
        planned(step(1, "CREATE INDEX i ON t (a)"));
        completed(Duration.ofSeconds(7), Duration.ofSeconds(1), 1, false);

        assertThat(learnt().factors()).containsOnlyKeys(Operation.INDEX);
        assertThat(factor(Operation.INDEX).factor()).isCloseTo(3, within(1e-9));
        assertThat(control.ask("select predicted_seconds || ' ' || seconds from lesson"))
                .isEqualTo("2 6");
        assertThat(Lessons.of(connection, "other").factors()).isEmpty();
    }

    @Test
    void theOrderOfTheMessagesDoesNotMatter() throws SQLException {
        completed(Duration.ofSeconds(6), Duration.ZERO, 1, false);
        planned(step(1, "CREATE INDEX i ON t (a)"));
        reported("index", Duration.ofSeconds(2), 1);

        assertThat(factor(Operation.INDEX))
                .isEqualTo(new Factor(factor(Operation.INDEX).factor(), 1));
        assertThat(factor(Operation.INDEX).factor()).isCloseTo(3, within(1e-9));
    }

    @Test
    void aMessageThatComesTwiceTeachesOnce() throws SQLException {
        reported("index", Duration.ofSeconds(2), 1);
        planned(step(1, "CREATE INDEX i ON t (a)"));
        completed(Duration.ofSeconds(6), Duration.ZERO, 1, false);
        completed(Duration.ofSeconds(6), Duration.ZERO, 1, false);

        assertThat(factor(Operation.INDEX).samples()).isEqualTo(1);
    }

    @Test
    void whatIsKnownAlreadyIsTakenOutOfTheEstimateFirst() throws SQLException {
        reported("index", Duration.ofSeconds(6), 3);
        planned(step(1, "CREATE INDEX i ON t (a)"));
        completed(Duration.ofSeconds(6), Duration.ZERO, 1, false);

        assertThat(factor(Operation.INDEX).factor()).isCloseTo(3, within(1e-9));
    }

    @Test
    void anIndexThatThePlanBuildsConcurrentlyTeachesThat() throws SQLException {
        reported("index", Duration.ofSeconds(2), 1);
        planned(step(1, "CREATE INDEX CONCURRENTLY i ON t (a)"));
        completed(Duration.ofSeconds(6), Duration.ZERO, 1, false);

        assertThat(learnt().factors()).containsOnlyKeys(Operation.INDEX_CONCURRENTLY);
        assertThat(factor(Operation.INDEX_CONCURRENTLY).factor()).isCloseTo(2, within(1e-9));
    }

    @Test
    void aStatementThatBecameSeveralStepsTeachesNothing() throws SQLException {
        reported("index", Duration.ofSeconds(2), 1);
        planned(step(1, "CREATE INDEX i ON t (a)"), step(2, "ANALYZE t"));
        completed(Duration.ofSeconds(6), Duration.ZERO, 1, false);

        assertThat(learnt().factors()).isEmpty();
    }

    @Test
    void whatWasTriedTwiceOrFoundDoneAfterACrashTeachesNothing() throws SQLException {
        reported("index", Duration.ofSeconds(2), 1);
        planned(step(1, "CREATE INDEX i ON t (a)"));
        completed(Duration.ofSeconds(6), Duration.ZERO, 2, false);
        completed(Duration.ofSeconds(6), Duration.ZERO, 1, true);

        assertThat(learnt().factors()).isEmpty();
    }

    @Test
    void factorsAverageInLogarithmsAndMoveLessTheMoreTheyRestOn() {
        Factor factor = new Factor(1, 0).with(4);
        assertThat(factor.factor()).isCloseTo(4, within(1e-9));
        assertThat(factor.with(1).factor()).isCloseTo(2, within(1e-9));
        Factor old = new Factor(1, 100).with(32);
        assertThat(old.factor()).isCloseTo(2, within(1e-9));
    }

    private Factor factor(Operation operation) throws SQLException {
        return Objects.requireNonNull(learnt().factors().get(operation));
    }
}
