package dev.fermata.execution.random;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.rehearsal.Differences;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
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
            Plan plan = changes(schema, target(online), statements);
            List<String> wrong = compare(plan, statements, target(online), target(written));
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

    private static List<String> compare(
            Plan plan, List<String> statements, TargetDatabase online, TargetDatabase written) throws Exception {
        List<String> wrong = new ArrayList<>();
        Scope scope = new Scope(RUN, 1, 1, plan.digest());
        try (TargetSession session = TargetSession.takeOver(online, scope, Duration.ofSeconds(5), () -> {});
                Connection observer = online.open(Session.reader("observer"));
                Connection plain = written.open(Session.writer("plain"))) {
            Differences start = Differences.expecting(observer);
            for (String statement : statements) {
                plain.createStatement().execute(statement);
            }
            PlanRunner runner = new PlanRunner(plan, session, observer, new Silent(), new SplittableRandom(1));
            runner.forward();
            Differences.between(plain, observer).forEach(line -> wrong.add("forward: " + line));
            runner.back();
            start.from(observer).forEach(line -> wrong.add("back: " + line));
        }
        return wrong;
    }

    private static TargetDatabase target(TestDatabase database) {
        return new TargetDatabase(new TargetAddress(
                "shop",
                RealPostgres.shared().host(),
                RealPostgres.shared().port(),
                database.name(),
                database.user(),
                Password.of(database.password()),
                "test"));
    }
}
