package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.execution.step.StepListener;
import dev.fermata.execution.step.StepResult;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The classic migrations with the session killed at the beginning of every step and unit, and again right before each of
 * their transactions commits: whoever goes on ends right, forward and back.
 */
@Execution(ExecutionMode.CONCURRENT)
class CutMigrationsTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static SqlParser parser;

    @BeforeAll
    static void open() {
        parser = new SqlParser(2);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE orders ADD COLUMN tag text",
                "ALTER TABLE orders ADD COLUMN flag integer NOT NULL DEFAULT 0",
                "ALTER TABLE orders ADD COLUMN token_at_random uuid NOT NULL DEFAULT gen_random_uuid()",
                "ALTER TABLE orders ALTER COLUMN note SET NOT NULL",
                "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0)",
                "ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id)",
                "ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE (code)",
                "CREATE INDEX orders_placed ON orders (placed)",
                "ALTER TABLE customers ALTER COLUMN id TYPE bigint",
                "ALTER TABLE orders ALTER COLUMN price TYPE numeric(12, 3)",
                "ALTER TABLE orders RENAME COLUMN note TO remark",
                "ALTER TABLE orders DROP COLUMN note",
                "ALTER TABLE orders ALTER COLUMN code TYPE text",
                "UPDATE orders SET note = note || '!'",
                "DROP TABLE orders CASCADE",
                "DROP INDEX orders_customer",
            })
    void endRightWhereverTheyAreCutOff(String change) throws Exception {
        try (SampleDatabase asWritten = SampleDatabase.create();
                SampleDatabase cut = SampleDatabase.create()) {
            List<String> start = cut.looks();
            Plan plan = new Drafting(new Planner(parser))
                    .draft(cut.target(), RUN, 1, WorkOrder.of("n", "ada", List.of("shop"), change, null))
                    .plan();
            asWritten.runAsWritten(change);
            int forward = run(cut, plan, Direction.FORWARD);
            assertThat(differences(asWritten.looks(), cut.looks()))
                    .as("forward")
                    .isEmpty();
            int back = run(cut, plan, Direction.BACK);
            assertThat(differences(start, cut.looks())).as("back").isEmpty();
            assertThat(cut.leftInvalid()).isEmpty();
            assertThat(cut.database()
                            .ask("SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
                                    + " WHERE a.application_name LIKE 'fermata/%' AND l.granted AND"
                                    + " a.datname = current_database()"))
                    .isEqualTo("0");
            assertThat(forward).isGreaterThanOrEqualTo(2 * plan.steps().size() - 1);
            System.out.println("cut off " + forward + " times forward, " + back + " times back: " + change);
        }
    }

    /** Goes on until it is through, each time in a new session; gives how often it was cut off. */
    private static int run(SampleDatabase database, Plan plan, Direction direction) throws Exception {
        Killer killer = new Killer(database);
        while (true) {
            try (TargetSession session = TargetSession.takeOver(
                            database.target(), new Scope(RUN, 1, 1, plan.digest()), Duration.ofSeconds(10), () -> {});
                    Connection observer = database.target().open(Session.reader("observer"))) {
                PlanRunner runner = new PlanRunner(plan, session, observer, killer, new SplittableRandom(1));
                if (direction == Direction.FORWARD) {
                    runner.forward();
                } else {
                    runner.back();
                }
                return killer.kills();
            } catch (SQLException | TargetException e) {
                assertThat(killer.hasJustKilled()).as(String.valueOf(e)).isTrue();
            }
        }
    }

    /** Kills the session that works, once at each place. */
    private static final class Killer implements StepListener {
        private final SampleDatabase database;
        private final Set<String> done = new HashSet<>();
        private boolean justKilled;

        Killer(SampleDatabase database) {
            this.database = database;
        }

        int kills() {
            return done.size();
        }

        boolean hasJustKilled() {
            boolean just = justKilled;
            justKilled = false;
            return just;
        }

        private void kill(String place) {
            if (done.add(place)) {
                justKilled = true;
                try {
                    database.database()
                            .ask("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE"
                                    + " datname = current_database() AND application_name LIKE 'fermata/%'");
                } catch (SQLException e) {
                    throw new IllegalStateException("the session cannot be killed", e);
                }
            }
        }

        @Override
        public void started(int step, Direction direction, int attempt, String what) {
            kill("start of " + step + " " + direction + " " + what);
        }

        @Override
        public void committing(int step, Direction direction, Connection connection) {
            kill("commit of " + step + " " + direction + " "
                    + done.stream()
                            .filter(place -> place.startsWith("start of " + step + " "))
                            .count());
        }

        @Override
        public void progressed(int step, Direction direction, long done, long total) {}

        @Override
        public void blocked(
                int step, Direction direction, int attempt, int attempts, Duration retryIn, List<Blocker> blockers) {}

        @Override
        public void completed(int step, Direction direction, StepResult result) {}

        @Override
        public void checkPoint() {}
    }
}
