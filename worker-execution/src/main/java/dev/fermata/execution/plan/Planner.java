package dev.fermata.execution.plan;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.SqlInputException;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.SqlSyntaxException;
import dev.fermata.postgres.parser.Statement;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Drafts plans. Thread-safe; the same order on the same catalog gives the same plan. */
public final class Planner {
    private static final Duration STATEMENT_TIMEOUT = Duration.ofHours(6);

    private final SqlParser parser;

    public Planner(SqlParser parser) {
        this.parser = parser;
    }

    /**
     * The target as it is.
     *
     * @param keptInStep tables with a column that rests after a change of its type
     * @param resting all columns that rest
     * @param majorVersion of the server, such as 17
     */
    public record Target(
            Plan.DatabaseIdentity database,
            CatalogSnapshot catalog,
            List<TableStats> tables,
            Set<QualifiedName> keptInStep,
            RestingColumns resting,
            int majorVersion) {
        public Target {
            tables = List.copyOf(tables);
            keptInStep = Set.copyOf(keptInStep);
        }
    }

    /**
     * What the author wants, read.
     *
     * @param pieces to be tried one by one on an empty copy of the schema
     * @param rollback the author's own; empty for none
     */
    public record Change(List<Statement> statements, List<Piece> pieces, List<Statement> rollback) {
        public Change {
            statements = List.copyOf(statements);
            pieces = List.copyOf(pieces);
            rollback = List.copyOf(rollback);
        }
    }

    /**
     * The plan and what it was made of.
     *
     * @param statements the author's, that its steps come from
     * @param tables of the target
     */
    public record Planned(Plan plan, List<Statement> statements, List<TableStats> tables) {
        public Planned {
            statements = List.copyOf(statements);
            tables = List.copyOf(tables);
        }
    }

    /** Throws when the change is not SQL, or holds what may not be part of one. */
    public Change read(WorkOrder order) throws PlanRefusedException {
        List<Statement> statements = parse(order.change(), "change");
        if (statements.isEmpty()) {
            throw new PlanRefusedException(
                    Failure.of("empty-change", "the change holds no statement (expected: at least one)"));
        }
        refuseDenied(statements, "change");
        String rollback = order.rollback();
        List<Statement> back = rollback == null ? List.of() : parse(rollback, "rollback");
        if (rollback != null && back.isEmpty()) {
            throw new PlanRefusedException(Failure.of(
                    "empty-rollback", "the rollback holds no statement (leave it out to have it generated)"));
        }
        refuseDenied(back, "rollback");
        Pieces pieces = new Pieces(parser);
        return new Change(
                statements,
                statements.stream()
                        .flatMap(statement -> pieces.of(statement, order.strategy()).stream())
                        .toList(),
                back);
    }

    /** @param what they are of: the change, or its rollback, which runs by the same role */
    private void refuseDenied(List<Statement> statements, String what) throws PlanRefusedException {
        for (Statement statement : statements) {
            Optional<String> why = Denied.why(statement).or(() -> beyondWithin(statement));
            if (why.isPresent()) {
                throw Refusals.of(
                        statement,
                        "statement-not-allowed",
                        Refusals.describe(statement) + " may not be part of a " + what + ": " + why.get());
            }
        }
    }

    private Optional<String> beyondWithin(Statement statement) {
        return Body.of(statement, parser).filter(Body::runsAtOnce).stream()
                .flatMap(body -> body.statements().stream())
                .flatMap(inner -> Denied.beyond(inner.statement()).stream())
                .findFirst();
    }

    /**
     * Throws when the change cannot be planned as it is written.
     *
     * @param stages what the pieces of the change do to the schema
     */
    public Planned plan(RunId run, int revision, WorkOrder order, Change change, Target target, Stages stages)
            throws PlanRefusedException {
        boolean authorsRollback = order.rollback() != null;
        Progress progress = new Progress(target, stages, order.strategy(), runKey(run, revision));
        Names names = order.renames() == WorkOrder.Renames.AT_ONCE ? Names.AT_ONCE : Names.BOTH;
        List<Drafted> drafted = draft(change, progress, names, target.resting(), authorsRollback);
        if (!canBeHalfDone(drafted) && waitsFrom(drafted) != null) {
            progress = new Progress(target, stages, order.strategy(), runKey(run, revision));
            drafted = draft(change, progress, Names.AS_A_WHOLE, target.resting(), authorsRollback);
        }
        SortedSet<String> objects = progress.touchedObjects();
        Steps steps = new Steps(parser, run, revision);
        return new Planned(
                new Plan(
                        run,
                        revision,
                        target.database(),
                        order.strategy(),
                        authorsRollback ? steps.grouped(drafted) : steps.oneEach(drafted),
                        authorsRollback
                                ? new Plan.Rollback(Plan.Source.AUTHOR, steps.authors(change.rollback()))
                                : new Plan.Rollback(Plan.Source.GENERATED, List.of()),
                        new Plan.Settings(order.lock().timeout(), order.lock().attempts(), STATEMENT_TIMEOUT),
                        target.catalog()
                                .restrictedTo(progress.touched(), objects)
                                .fingerprint(),
                        progress.touched().stream().map(QualifiedName::sql).toList(),
                        List.copyOf(objects),
                        Flags.of(drafted, authorsRollback),
                        waitsFrom(drafted)),
                change.statements(),
                target.tables());
    }

    private List<Drafted> draft(
            Change change, Progress progress, Names wanted, RestingColumns resting, boolean authorsRollback)
            throws PlanRefusedException {
        Statements rules = new Statements(parser);
        Sequence sequence = new Sequence();
        for (int i = 0; i < change.pieces().size(); i++) {
            Piece piece = change.pieces().get(i);
            progress.refuseWhatFailed(i, piece);
            sequence.next(progress.scene(i, piece, wanted));
            boolean tooLate = wanted == Names.BOTH && sequence.isContracting();
            Scene scene = progress.scene(i, piece, tooLate ? Names.TOO_LATE : wanted);
            resting.refuse(scene, piece.author());
            for (Draft draft : rules.drafts(scene)) {
                if (draft.undo() instanceof Undo.Impossible impossible && !authorsRollback) {
                    throw Refusals.of(
                            piece.author(),
                            "no-rollback",
                            Refusals.describe(piece.author()) + " has no rollback: " + impossible.why()
                                    + "; give one in a 'sql rollback' block");
                }
                sequence.add(draft, scene, piece.author());
            }
            progress.past(i, piece);
        }
        return sequence.all();
    }

    private static boolean canBeHalfDone(List<Drafted> drafted) {
        return drafted.stream().allMatch(each -> each.draft().undo() instanceof Undo.Possible);
    }

    /** Number of the first step that waits; each draft is a step of its own where one does. */
    private static @Nullable Integer waitsFrom(List<Drafted> drafted) {
        for (int i = 0; i < drafted.size(); i++) {
            if (drafted.get(i).draft().waits()) {
                return i + 1;
            }
        }
        return null;
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

    /** Short, stable and unique for a run. */
    public static String runKey(RunId run, int revision) {
        return CanonicalJson.sha256((run + " " + revision).getBytes(StandardCharsets.UTF_8))
                .substring(7, 15);
    }
}
