package dev.fermata.analysis;

import dev.fermata.analysis.estimate.Calibration;
import dev.fermata.analysis.policy.Policy;
import dev.fermata.analysis.report.Change;
import dev.fermata.analysis.report.Evidence;
import dev.fermata.analysis.report.ImpactAnalysis;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.message.DirectiveMessage.AnalysisOrdered;
import dev.fermata.contracts.message.ImpactMessage;
import dev.fermata.contracts.message.ImpactMessage.AnalysisFailed;
import dev.fermata.contracts.message.ImpactMessage.AnalysisStarted;
import dev.fermata.contracts.message.ImpactMessage.ImpactReported;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderAmended;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderIssued;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.parser.SqlInputException;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.SqlSyntaxException;
import dev.fermata.postgres.preflight.Preflight;
import dev.fermata.postgres.preflight.PreflightLimits;
import dev.fermata.postgres.preflight.PreflightReader;
import dev.fermata.postgres.preflight.Question;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.TargetFailures;
import dev.fermata.runtime.jobs.Job;
import dev.fermata.runtime.jobs.JobContext;
import dev.fermata.runtime.jobs.JobHandler;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Analyses one order on one target. */
final class AnalysisJobs implements JobHandler {
    private static final long FIRST_PAUSE_MILLIS = 500;

    private final Map<String, TargetDatabase> targets;
    private final TargetReader reader = new TargetReader();
    private final SqlParser parser;
    private final Policy policy;
    private final Function<String, Calibration> calibrations;
    private final int tries;
    private final Clock clock;

    AnalysisJobs(
            Map<String, TargetDatabase> targets,
            SqlParser parser,
            Policy policy,
            Function<String, Calibration> calibrations,
            int tries,
            Clock clock) {
        this.targets = targets;
        this.parser = parser;
        this.policy = policy;
        this.calibrations = calibrations;
        this.tries = tries;
        this.clock = clock;
    }

    /** A change has written rows on the target. */
    void changed(String target) {
        reader.changed(target);
    }

    @Override
    public void run(Job job, JobContext context) throws InterruptedException {
        RunId run = RunId.parse(job.key());
        Asked asked = asked(job.envelope().message());
        context.publish(new AnalysisStarted(run, asked.revision(), context.worker(), clock.instant()));
        context.finish(List.of(analyse(run, asked.revision(), asked.order())));
    }

    /** What is to be analysed. */
    private record Asked(int revision, WorkOrder order) {}

    private static Asked asked(Message message) {
        return switch (message) {
            case WorkOrderIssued issued -> new Asked(issued.revision(), issued.order());
            case WorkOrderAmended amended -> new Asked(amended.revision(), amended.order());
            case AnalysisOrdered again -> new Asked(again.revision(), again.order());
            default -> throw new IllegalStateException("no order in " + message.type());
        };
    }

    private ImpactMessage analyse(RunId run, int revision, WorkOrder order) throws InterruptedException {
        Change change;
        try {
            change = Change.of(order.name(), order.change(), parser);
            String rollback = order.rollback();
            if (rollback != null) {
                parser.parseScript(rollback);
            }
        } catch (SqlInputException e) {
            return new AnalysisFailed(run, revision, failure(e));
        }
        if (change.statements().isEmpty()) {
            return new AnalysisFailed(
                    run,
                    revision,
                    Failure.of("empty-change", "the change holds no statement (expected: at least one)"));
        }
        TargetDatabase target = targets.get(run.target());
        if (target == null) {
            return new AnalysisFailed(
                    run,
                    revision,
                    Failure.retryable(
                            "unknown-target",
                            "target '" + run.target() + "' is not in the registry of the analysis worker"));
        }
        return onTarget(run, revision, order, change, target);
    }

    private static Failure failure(SqlInputException e) {
        String message = e instanceof SqlSyntaxException syntax ? syntax.describe() : String.valueOf(e.getMessage());
        Failure failure =
                Failure.of("sql-syntax", "the SQL does not parse: " + message).withSqlState("42601");
        return e instanceof SqlSyntaxException at && at.line() > 0 ? failure.at(0, at.line(), at.column()) : failure;
    }

    private ImpactMessage onTarget(RunId run, int revision, WorkOrder order, Change change, TargetDatabase target)
            throws InterruptedException {
        for (int number = 1; ; number++) {
            try {
                return look(run, revision, order, change, target);
            } catch (TargetException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedException("asked to stop");
                }
                if (!e.trouble().mayPass() || number >= tries) {
                    return new AnalysisFailed(run, revision, TargetFailures.of(e));
                }
                TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE_MILLIS << (number - 1));
            }
        }
    }

    private ImpactMessage look(RunId run, int revision, WorkOrder order, Change change, TargetDatabase target) {
        try (Connection connection = target.open(Session.reader("fermata-analysis/" + run.order()))) {
            target.requireRole(connection);
            TargetReader.Reading reading = reader.read(run.target(), connection);
            if (!reading.isKnown()) {
                return new AnalysisFailed(
                        run,
                        revision,
                        Failure.of(
                                "server-version",
                                "target '" + run.target() + "' is PostgreSQL " + reading.majorVersion() + " (expected: "
                                        + TargetReader.Reading.knownVersions() + ")"));
            }
            ImpactReport report = ImpactAnalysis.report(
                    change,
                    reading.serverVersion(),
                    target.address().environment(),
                    new Situation(
                            reading.majorVersion(),
                            order.strategy(),
                            Situation.Runner.FERMATA,
                            Situation.Transactions.PER_STATEMENT,
                            Optional.of(reading.target()),
                            Optional.empty(),
                            LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)),
                    policy,
                    evidence(connection, run.target(), change, reading),
                    clock.instant());
            return new ImpactReported(run, revision, AskableValidations.keep(target, connection, report));
        } catch (SQLException e) {
            throw TargetException.of("analysing on target '" + run.target() + "'", e);
        }
    }

    private Evidence evidence(Connection connection, String target, Change change, TargetReader.Reading reading)
            throws SQLException {
        List<Question> questions = Preflight.questions(
                change.statements(), reading.majorVersion(), reading.target().schema());
        return new Evidence(
                calibrations.apply(target),
                PlannedRows.of(connection, change.statements()),
                PreflightReader.ask(connection, questions, PreflightLimits.standard()));
    }
}
