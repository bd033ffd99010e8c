package dev.fermata.execution.random;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.rehearsal.Stage;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * As {@link RandomChangesTest}, where things are in each other's way: partitions, heirs, domains, views of views, functions of
 * views, quoted names, other schemas, grants.
 *
 * <p>{@code -Dfermata.property.runs=<n>} tries more seeds, {@code -Dfermata.property.first=<seed>} begins at another
 * one than 1; {@code -Dfermata.property.statements=<n>} makes longer changes.
 */
@Execution(ExecutionMode.CONCURRENT)
class MuseumTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final int RUNS = 6;
    private static final int STATEMENTS = Integer.getInteger("fermata.property.statements", 3);
    private static SqlParser parser;

    private int planned;
    private int refused;
    private int leaving;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    @Test
    void whateverIsInTheWayThePlanAndPlainSqlEndTheSameAndTheWayBackEndsAtTheStart() {
        List<String> failures = new ArrayList<>();
        long first = Long.getLong("fermata.property.first", 1);
        int runs = Integer.getInteger("fermata.property.runs", RUNS);
        for (long seed = first; seed < first + runs; seed++) {
            tryOut(seed, failures);
        }
        System.out.println("museum: " + planned + " statements planned, " + refused + " refused, " + leaving
                + " plans that leave something and say so");
        assertThat(failures).isEmpty();
        assertThat(planned).as("statements that were planned").isGreaterThan(0);
    }

    /** On clones, which lack what they may lack and nothing else. */
    @Test
    void whateverIsInTheWayARehearsalOfThePlanPassesAndProvesIt() throws Exception {
        List<String> failures = new ArrayList<>();
        long first = Long.getLong("fermata.property.first", 1000);
        int runs = Integer.getInteger("fermata.property.runs", RUNS / 2);
        List<WorkOrder.Clone> kinds = List.of(WorkOrder.Clone.DUMP, WorkOrder.Clone.SAMPLE, WorkOrder.Clone.SCHEMA);
        for (long seed = first; seed < first + runs; seed++) {
            List<String> statements = new ArrayList<>();
            try (Stage stage = new Stage(parser, Museum.fill().toArray(String[]::new));
                    TestDatabase tried = RealPostgres.shared().newDatabase(Museum.fill())) {
                changes(seed, stage.database(), tried, statements);
                WorkOrder.Clone kind = kinds.get((int) (seed % kinds.size()));
                RehearsalReport report = stage.rehearse(
                        stage.plan(String.join(";\n", statements), null), UnaryOperator.identity(), kind);
                Equivalence equivalence = Objects.requireNonNull(report.equivalence());
                if (!report.passed()
                        || !equivalence.compared()
                        || !equivalence.differences().isEmpty()) {
                    failures.add(say(seed, statements, kind + " " + report.failure() + " " + equivalence));
                }
            } catch (Exception e) {
                failures.add(say(seed, statements, e.toString()));
            }
        }
        assertThat(failures).isEmpty();
    }

    private void tryOut(long seed, List<String> failures) {
        List<String> statements = new ArrayList<>();
        try (TestDatabase online = RealPostgres.shared().newDatabase(Museum.fill());
                TestDatabase written = RealPostgres.shared().newDatabase(Museum.fill());
                TestDatabase tried = RealPostgres.shared().newDatabase(Museum.fill())) {
            Plan plan = changes(seed, online, tried, statements);
            List<String> wrong = Trial.of(plan, statements, online, written);
            if (!plan.leaves().isEmpty()) {
                leaving++;
                wrong.removeIf(line -> line.startsWith("back: "));
            }
            if (!wrong.isEmpty()) {
                failures.add(say(seed, statements, String.join("; ", wrong)));
            }
        } catch (Exception e) {
            failures.add(say(seed, statements, e.toString()));
        }
    }

    private static String say(long seed, List<String> statements, String wrong) {
        return "\nseed " + seed + ": " + wrong + "\n  change: " + String.join("; ", statements);
    }

    /** Makes up statements, and leaves out those that the server or the planner refuses. */
    private Plan changes(long seed, TestDatabase online, TestDatabase tried, List<String> statements)
            throws SQLException {
        MuseumChange change = new MuseumChange(new SplittableRandom(seed));
        Plan plan = null;
        while (plan == null || statements.size() < STATEMENTS) {
            String sql = change.next();
            if (!isAccepted(tried, statements, sql)) {
                continue;
            }
            List<String> longer = new ArrayList<>(statements);
            longer.add(sql);
            try {
                plan = plan(online, longer);
            } catch (PlanRefusedException e) {
                refused++;
                continue;
            }
            planned++;
            statements.add(sql);
        }
        return plan;
    }

    private static boolean isAccepted(TestDatabase database, List<String> before, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String earlier : before) {
                statement.execute(earlier);
            }
            try {
                statement.execute(sql);
                statement.execute("SET CONSTRAINTS ALL IMMEDIATE");
                return true;
            } catch (SQLException e) {
                return false;
            } finally {
                connection.rollback();
            }
        }
    }

    private static Plan plan(TestDatabase target, List<String> statements) throws PlanRefusedException {
        WorkOrder order = WorkOrder.of("n", "ada", List.of("shop"), String.join(";\n", statements), null);
        return new Drafting(new Planner(parser))
                .draft(Trial.target(target), RUN, 1, order)
                .plan();
    }
}
