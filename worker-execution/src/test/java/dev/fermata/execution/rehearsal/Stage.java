package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.plan.Step;
import dev.fermata.execution.guard.Guard;
import dev.fermata.execution.guard.TopQueries;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A target to rehearse for: a database of its own on the shared server. */
public final class Stage implements AutoCloseable {
    public static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");

    private final SqlParser parser;
    private final TestDatabase database;
    private final TargetDatabase target;

    public Stage(SqlParser parser, String... fill) throws SQLException {
        this.parser = parser;
        this.database = RealPostgres.shared().newDatabase(List.of(fill));
        this.target = target(database);
    }

    static TargetDatabase target(TestDatabase database) {
        return target(RealPostgres.shared(), database);
    }

    static TargetDatabase target(RealPostgres server, TestDatabase database) {
        return new TargetDatabase(new TargetAddress(
                "shop",
                server.host(),
                server.port(),
                database.name(),
                database.user(),
                Password.of(database.password()),
                "test"));
    }

    public TestDatabase database() {
        return database;
    }

    TargetDatabase target() {
        return target;
    }

    public Planner.Planned plan(String change, @Nullable String rollback) throws PlanRefusedException {
        return new Drafting(new Planner(parser))
                .draft(target, RUN, 1, WorkOrder.of("n", "ada", List.of("shop"), change, rollback));
    }

    RehearsalReport rehearse(String change, @Nullable String rollback) throws Exception {
        return rehearse(plan(change, rollback), UnaryOperator.identity(), WorkOrder.Clone.DUMP);
    }

    /** @param doctored the plan that really runs, to see what is noticed */
    public RehearsalReport rehearse(Planner.Planned planned, UnaryOperator<Plan> doctored, WorkOrder.Clone kind)
            throws Exception {
        return rehearse(planned, doctored, kind, () -> {});
    }

    /** @param meanwhile at every step */
    RehearsalReport rehearse(
            Planner.Planned planned, UnaryOperator<Plan> doctored, WorkOrder.Clone kind, Runnable meanwhile)
            throws Exception {
        Plan plan = doctored.apply(planned.plan());
        Scope scope = new Scope(RUN, 1, 1, plan.digest());
        try (Connection connection = target.open(Session.reader("test"));
                Clone clone =
                        Clone.make(target, RUN, new CloneProviders(1L << 30, 100, Map.of()).choose(kind, target))) {
            Guard guard = new Guard(TopQueries.read(connection), Set.of(), parser, true);
            return new Rehearsal(
                            clone,
                            plan,
                            scope,
                            planned.statements(),
                            List.of(),
                            new Rehearsal.Touched(tables(plan), TableStats.all(connection)),
                            guard,
                            new SplittableRandom(1),
                            meanwhile)
                    .run();
        }
    }

    private static Set<QualifiedName> tables(Plan plan) {
        return plan.tables().stream()
                .map(name -> name.split("\\.", 2))
                .map(parts -> new QualifiedName(parts[0], parts[1]))
                .collect(Collectors.toSet());
    }

    /** The same plan with other SQL in its first step. */
    static Plan withFirst(Plan plan, UnaryOperator<Step> change) {
        return withStep(plan, 0, change);
    }

    /** @param which from 0 */
    static Plan withStep(Plan plan, int which, UnaryOperator<Step> change) {
        List<Step> steps = new java.util.ArrayList<>(plan.steps());
        steps.set(which, change.apply(steps.get(which)));
        return new Plan(
                plan.runId(),
                plan.revision(),
                plan.database(),
                plan.strategy(),
                steps,
                plan.rollback(),
                plan.settings(),
                plan.catalogFingerprint(),
                plan.tables(),
                plan.redFlags());
    }

    static Step withSql(Step step, String... sql) {
        return new Step(
                step.no(),
                step.phase(),
                step.kind(),
                List.of(sql),
                step.locks(),
                step.online(),
                step.reason(),
                step.origin(),
                step.inverse(),
                step.verify(),
                step.batching());
    }

    /** Clones and scratch databases that there are on the server, of this database. */
    public List<String> leftovers() throws SQLException {
        return database.askAll("SELECT datname FROM pg_database WHERE starts_with(datname, 'fermata_') AND datdba = '"
                + database.user() + "'::regrole ORDER BY 1");
    }

    @Override
    public void close() {
        database.close();
    }
}
