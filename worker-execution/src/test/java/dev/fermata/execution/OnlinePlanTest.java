package dev.fermata.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plain SQL in, online plan out: the same end as the SQL as it is written, and back to the very beginning. */
class OnlinePlanTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static SqlParser parser;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    private static Plan plan(SampleDatabase database, String change) throws Exception {
        return new Drafting(new Planner(parser))
                .draft(database.target(), RUN, 1, WorkOrder.of("n", "ada", List.of("shop"), change, null))
                .plan();
    }

    static Stream<String> changes() {
        return Stream.of(SampleChanges.ALL.split("\n\n")).map(String::strip).filter(sql -> !sql.isEmpty());
    }

    @ParameterizedTest
    @MethodSource("changes")
    void endsLikeTheSqlAsItIsWrittenAndGoesBackToTheBeginning(String change) throws Exception {
        try (SampleDatabase asWritten = SampleDatabase.create();
                SampleDatabase online = SampleDatabase.create()) {
            List<String> start = online.looks();
            Plan plan = plan(online, change);
            assertThat(plan(online, change).digest()).as("same input").isEqualTo(plan.digest());
            asWritten.runAsWritten(change);
            online.run(plan, Direction.FORWARD);
            assertThat(online.looks()).as("online against as written").containsExactlyElementsOf(asWritten.looks());
            online.run(plan, Direction.BACK);
            assertThat(online.looks()).as("back to the start").containsExactlyElementsOf(start);
            online.run(plan, Direction.FORWARD);
            assertThat(online.looks()).as("forward again").containsExactlyElementsOf(asWritten.looks());
            assertThat(online.leftInvalid()).isEmpty();
        }
    }

    @Test
    void nothingThatScansOrRewritesALargeTableRunsUnderAStrongLock() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            for (String change : changes().toList()) {
                for (Step step : plan(database, change).steps()) {
                    boolean said = step.reason().contains("there is no way");
                    assertThat(step.online() || said).as(change + " -> " + step.sql()).isTrue();
                }
            }
        }
    }
}
