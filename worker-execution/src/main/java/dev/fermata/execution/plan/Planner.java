package dev.fermata.execution.plan;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.parser.SqlInputException;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.SqlSyntaxException;
import dev.fermata.postgres.parser.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Drafts plans. Thread-safe; the same order on the same catalog gives the same plan. */
public final class Planner {
    private static final Duration STATEMENT_TIMEOUT = Duration.ofHours(6);

    private final SqlParser parser;

    public Planner(SqlParser parser) {
        this.parser = parser;
    }

    /** The target as the planner sees it. */
    public record Target(
            Plan.DatabaseIdentity database,
            CatalogSnapshot catalog,
            List<TableStats> tables,
            List<ColumnFact> columns) {
        public Target {
            tables = List.copyOf(tables);
            columns = List.copyOf(columns);
        }
    }

    /** The plan and the author's statements that its steps come from. */
    public record Planned(Plan plan, List<Statement> statements) {
        public Planned {
            statements = List.copyOf(statements);
        }
    }

    /** Throws when the change cannot be planned as it is written. */
    public Planned plan(RunId run, int revision, WorkOrder order, Target target) throws PlanRefusedException {
        List<Statement> statements = parse(order.change(), "change");
        if (statements.isEmpty()) {
            throw new PlanRefusedException(
                    Failure.of("empty-change", "the change holds no statement (expected: at least one)"));
        }
        String rollback = order.rollback();
        List<Statement> back = rollback == null ? List.of() : parse(rollback, "rollback");
        Catalog catalog = new Catalog(target.catalog(), target.tables(), target.columns());
        String runKey = DataChange.runKey(run.toString(), revision);
        List<Draft> drafts = drafts(new Statements(catalog, order.strategy(), runKey), statements, rollback != null);
        List<Step> steps = rollback == null ? oneEach(drafts, statements) : grouped(drafts, statements);
        Set<QualifiedName> touched = new TreeSet<>();
        drafts.stream()
                .flatMap(draft -> draft.touched().stream())
                .filter(table -> catalog.table(table).isPresent()) // the rehearsal says what is wrong with the others
                .forEach(touched::add);
        Plan plan = new Plan(
                run,
                revision,
                target.database(),
                order.strategy(),
                steps,
                rollback == null
                        ? new Plan.Rollback(Plan.Source.GENERATED, List.of())
                        : new Plan.Rollback(Plan.Source.AUTHOR, authorsSteps(back)),
                new Plan.Settings(order.lock().timeout(), order.lock().attempts(), STATEMENT_TIMEOUT),
                target.catalog().restrictedTo(touched).fingerprint(),
                touched.stream().map(QualifiedName::sql).toList(),
                redFlags(drafts, rollback != null));
        return new Planned(plan, statements);
    }

    private List<Statement> parse(String sql, String what) throws PlanRefusedException {
        try {
            return parser.parseScript(sql);
        } catch (SqlInputException e) {
            Failure failure = Failure.of("sql-syntax", what + ": " + e.getMessage());
            throw new PlanRefusedException(
                    e instanceof SqlSyntaxException at && at.line() > 0
                            ? failure.at(0, at.line(), at.column())
                            : failure);
        }
    }

    private static List<Draft> drafts(Statements rules, List<Statement> statements, boolean authorsRollback)
            throws PlanRefusedException {
        List<Draft> drafts = new ArrayList<>();
        for (Statement statement : statements) {
            Optional<Draft> draft = rules.draft(statement);
            if (draft.isEmpty()) {
                throw refused(
                        statement,
                        "statement-not-allowed",
                        describe(statement)
                                + " may not be part of a change: it cannot be made to happen exactly once, or it"
                                + " reaches beyond the schema");
            }
            if (draft.get().inverse() == null && !authorsRollback) {
                throw refused(
                        statement,
                        "no-rollback",
                        describe(statement) + " has no rollback: " + draft.get().noInverse()
                                + "; give one in a 'sql rollback' block");
            }
            drafts.add(draft.get());
        }
        return drafts;
    }

    private static String describe(Statement statement) {
        return LockModel.profile(statement).description();
    }

    private static PlanRefusedException refused(Statement statement, String code, String message) {
        return new PlanRefusedException(Failure.of(
                        code, "statement " + (statement.index() + 1) + " (line " + statement.line() + "): " + message)
                .at(statement.index(), statement.line(), statement.column()));
    }

    /** Each statement is a step of its own, so that each can be taken back by itself. */
    private List<Step> oneEach(List<Draft> drafts, List<Statement> statements) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            steps.add(step(i + 1, draft, List.of(draft.sql()), statements.get(i), draft.inverse()));
        }
        return steps;
    }

    /**
     * With the author's rollback, statements without an inverse of their own must not be half done: what can run in one
     * transaction does.
     */
    private List<Step> grouped(List<Draft> drafts, List<Statement> statements) {
        if (drafts.stream().allMatch(d -> d.inverse() != null)) {
            return oneEach(drafts, statements);
        }
        List<Step> steps = new ArrayList<>();
        List<String> together = new ArrayList<>();
        int first = 0;
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            if (draft.kind() == StepKind.TRANSACTION) {
                first = together.isEmpty() ? i : first;
                together.add(draft.sql());
                boolean last = i == drafts.size() - 1 || drafts.get(i + 1).kind() != StepKind.TRANSACTION;
                if (last) {
                    steps.add(step(steps.size() + 1, drafts.get(first), together, statements.get(first), null));
                    together = new ArrayList<>();
                }
            } else {
                steps.add(step(steps.size() + 1, draft, List.of(draft.sql()), statements.get(i), draft.inverse()));
            }
        }
        return steps;
    }

    private Step step(int no, Draft draft, List<String> sql, Statement statement, @Nullable Inverse inverse) {
        return new Step(
                no,
                draft.phase(),
                draft.kind(),
                sql,
                locks(draft.kind() == StepKind.BATCHES ? List.of(statement) : reparsed(sql)),
                draft.online(),
                draft.reason(),
                statement.index(),
                inverse,
                List.of(),
                draft.batching());
    }

    /** What will run, which is not always what the author wrote. */
    private List<Statement> reparsed(List<String> sql) {
        return sql.stream().flatMap(text -> parser.parseScript(text).stream()).toList();
    }

    private static List<RelationLock> locks(List<Statement> statements) {
        return statements.stream()
                .flatMap(statement -> LockModel.profile(statement).locks().stream())
                .map(lock ->
                        new RelationLock(lock.relation().toString(), lock.mode().sql(), blocks(lock.mode())))
                .distinct()
                .toList();
    }

    private static List<String> blocks(LockMode mode) {
        if (mode.blocksReads()) {
            return List.of("reads", "writes");
        }
        return mode.blocksWrites() ? List.of("writes") : List.of();
    }

    private List<Step> authorsSteps(List<Statement> statements) throws PlanRefusedException {
        if (statements.isEmpty()) {
            throw new PlanRefusedException(Failure.of(
                    "empty-rollback", "the rollback holds no statement (leave it out to have it generated)"));
        }
        List<Step> steps = new ArrayList<>();
        List<String> together = new ArrayList<>();
        for (Statement statement : statements) {
            StatementProfile profile = LockModel.profile(statement);
            if (profile.runsInTransaction()) {
                together.add(statement.text());
                continue;
            }
            flush(steps, together);
            steps.add(authors(steps.size() + 1, StepKind.AUTOCOMMIT, List.of(statement.text())));
        }
        flush(steps, together);
        return steps;
    }

    private static void flush(List<Step> steps, List<String> together) {
        if (!together.isEmpty()) {
            steps.add(authors(steps.size() + 1, StepKind.TRANSACTION, List.copyOf(together)));
            together.clear();
        }
    }

    private static Step authors(int no, StepKind kind, List<String> sql) {
        return new Step(
                no, Phase.CONTRACT, kind, sql, List.of(), true, "the author's rollback", 0, null, List.of(), null);
    }

    private static List<RedFlag> redFlags(List<Draft> drafts, boolean authorsRollback) {
        List<RedFlag> flags = new ArrayList<>();
        for (Draft draft : drafts) {
            Inverse inverse = draft.inverse();
            if (inverse == null) {
                flags.add(new RedFlag(
                        "rollback-may-lose-data",
                        RiskLevel.HIGH,
                        "only the author's rollback takes it back: " + draft.noInverse()));
            } else if (!inverse.lossless() && !authorsRollback) {
                flags.add(new RedFlag("rollback-loses-new-data", RiskLevel.LOW, "after a rollback " + inverse.note()));
            }
        }
        return flags;
    }
}
