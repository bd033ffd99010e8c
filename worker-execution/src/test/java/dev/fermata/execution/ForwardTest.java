package dev.fermata.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.DirectiveMessage;
import dev.fermata.contracts.message.DirectiveMessage.ExecutionOrdered;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.verify.Baseline;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.testsupport.RealPostgres;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ForwardTest {
    @Test
    void whatTheServerWillNotAnswerStopsTheChangeBeforeItsFirstStepAndNotAfterTheLast() {
        assertThatThrownBy(() -> Forward.requireAnswers(new Baseline(
                        Map.of(), Map.of(), Map.of("rows a", "7", "orphans b", "error 42501 permission denied"))))
                .isInstanceOf(StepFailedException.class)
                .hasMessageContaining("'orphans b'")
                .hasMessageContaining("permission denied")
                .hasMessageContaining("let our role read what it names first");
        assertThatCode(() ->
                        Forward.requireAnswers(new Baseline(Map.of(), Map.of(), Map.of("rows a", "7", "rows b", "0"))))
                .doesNotThrowAnyException();
    }

    /** The plan was drafted when the role still might. */
    @Test
    void aServerThatRefusesWhatTheBackupNeedsFailsTheBackupAndNothingElse() throws Exception {
        try (SqlParser parser = new SqlParser(1);
                SampleDatabase shop = SampleDatabase.create()) {
            RunId run = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
            WorkOrder order =
                    WorkOrder.of("n", "ada", List.of("shop"), "ALTER TABLE orders ADD COLUMN label text", null);
            Plan plan = new Drafting(new Planner(parser))
                    .draft(shop.target(), run, 1, order)
                    .plan();
            RealPostgres.shared().execute("ALTER ROLE " + shop.database().user() + " NOCREATEDB");
            DirectiveJobs.Desk desk = DirectiveJobsTest.desk(shop.target(), new Scope(run, 1, 1, plan.digest()));
            ExecutionOrdered ordered = new ExecutionOrdered(
                    run,
                    1,
                    1,
                    plan,
                    plan.digest(),
                    WorkOrder.BackupMode.AFFECTED,
                    List.of(),
                    new DirectiveMessage.Approval(Actor.person("bob"), plan.digest(), Instant.EPOCH));
            assertThatThrownBy(() -> new Forward(ordered).run(desk))
                    .isInstanceOfSatisfying(
                            BackupFailedException.class,
                            e -> assertThat(e.failure().code()).isEqualTo("permission-denied"))
                    .hasMessageContaining("permission denied to create database");
        }
    }
}
