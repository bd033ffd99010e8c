package dev.fermata.execution.random;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Whatever the schema and the change: the plan leads to what the change as it is written leads to, and its way back to what
 * there was.
 *
 * <p>{@code -Dfermata.property.runs=<n>} tries more seeds, {@code -Dfermata.property.first=<seed>} begins at another
 * one than 1.
 */
@Execution(ExecutionMode.CONCURRENT)
class RandomChangesTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final int RUNS = 6;
    private static final int STATEMENTS = 4;
    private static SqlParser parser;

    private int planned;
    private int refused;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    @Test
    void thePlanAndPlainSqlEndTheSameAndTheWayBackEndsAtTheStart() {
        List<String> failures = new ArrayList<>();
        long first = Long.getLong("fermata.property.first", 1);
        int runs = Integer.getInteger("fermata.property.runs", RUNS);
        for (long seed = first; seed < first + runs; seed++) {
            tryOut(seed, failures);
        }
        System.out.println("random changes: " + planned + " statements planned, " + refused + " refused");
        assertThat(failures).isEmpty();
        assertThat(planned).as("statements that were planned").isGreaterThan(0);
    }

    private void tryOut(long seed, List<String> failures) {
        RandomSchema schema = new RandomSchema(new SplittableRandom(seed));
        List<String> statements = new ArrayList<>();
        try (TestDatabase online = RealPostgres.shared().newDatabase();
                TestDatabase written = RealPostgres.shared().newDatabase()) {
            online.execute(schema.fill());
            written.execute(schema.fill());
            Plan plan = changes(schema, Trial.target(online), statements);
            List<String> wrong = Trial.of(plan, statements, online, written);
            if (!wrong.isEmpty()) {
                failures.add(say(seed, schema, statements, String.join("; ", wrong)));
            }
        } catch (Exception e) {
            failures.add(say(seed, schema, statements, e.toString()));
        }
    }

    private static String say(long seed, RandomSchema schema, List<String> statements, String wrong) {
        return "\nseed " + seed + ": " + wrong + "\n  change: " + String.join("; ", statements) + "\n  schema: "
                + String.join("; ", schema.fill());
    }

    /** Makes up statements, and leaves out those that the planner refuses. */
    private Plan changes(RandomSchema schema, TargetDatabase target, List<String> statements) {
        Plan plan = null;
        int tries = 0;
        while (statements.size() < STATEMENTS && (tries++ < 10 * STATEMENTS || plan == null)) {
            RandomChange change = RandomChange.next(schema);
            List<String> longer = new ArrayList<>(statements);
            longer.add(change.sql());
            try {
                plan = plan(target, longer);
            } catch (PlanRefusedException e) {
                refused++;
                continue;
            }
            planned++;
            statements.add(change.sql());
            change.applied().run();
        }
        if (plan == null) {
            throw new IllegalStateException("nothing was planned");
        }
        return plan;
    }

    private static Plan plan(TargetDatabase target, List<String> statements) throws PlanRefusedException {
        WorkOrder order = WorkOrder.of("n", "ada", List.of("shop"), String.join(";\n", statements), null);
        return new Drafting(new Planner(parser)).draft(target, RUN, 1, order).plan();
    }
}
