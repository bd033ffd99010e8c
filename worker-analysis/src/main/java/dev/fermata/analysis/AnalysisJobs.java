package dev.fermata.analysis;

import dev.fermata.analysis.report.ImpactAnalysis;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.Target;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.message.ImpactMessage;
import dev.fermata.contracts.message.ImpactMessage.AnalysisFailed;
import dev.fermata.contracts.message.ImpactMessage.AnalysisStarted;
import dev.fermata.contracts.message.ImpactMessage.ImpactReported;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderAmended;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderIssued;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.parser.Bodies;
import dev.fermata.postgres.parser.SqlInputException;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.SqlSyntaxException;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.SchemaReader;
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

/** Analyses one order on one target. */
final class AnalysisJobs implements JobHandler {
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final int OLDEST_SERVER = 150_000;
    private static final int NEWEST_SERVER = 189_999;

    private final Map<String, TargetDatabase> targets;
    private final SqlParser parser;
    private final int tries;
    private final Clock clock;

    AnalysisJobs(Map<String, TargetDatabase> targets, SqlParser parser, int tries, Clock clock) {
        this.targets = targets;
        this.parser = parser;
        this.tries = tries;
        this.clock = clock;
    }

    @Override
    public void run(Job job, JobContext context) throws InterruptedException {
        RunId run = RunId.parse(job.key());
        int revision = Math.toIntExact(job.epoch());
        context.publish(new AnalysisStarted(run, revision, context.worker(), clock.instant()));
        context.finish(List.of(analyse(run, revision, order(job.envelope().message()))));
    }

    private static WorkOrder order(Message message) {
        return switch (message) {
            case WorkOrderIssued issued -> issued.order();
            case WorkOrderAmended amended -> amended.order();
            default -> throw new IllegalStateException("no order in " + message.type());
        };
    }

    /** What the order wants to be run, taken apart. */
    private record Change(List<Statement> statements, Bodies bodies) {}

    private ImpactMessage analyse(RunId run, int revision, WorkOrder order) throws InterruptedException {
        Change change;
        try {
            List<Statement> statements = parser.parseScript(order.change());
            change = new Change(statements, Bodies.of(statements, parser));
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
            int version = connection.getMetaData().getDatabaseMajorVersion() * 10_000
                    + connection.getMetaData().getDatabaseMinorVersion();
            if (version < OLDEST_SERVER || version > NEWEST_SERVER) {
                return new AnalysisFailed(
                        run,
                        revision,
                        Failure.of(
                                "server-version",
                                "target '" + run.target() + "' is PostgreSQL " + version / 10_000
                                        + " (expected: 15 to 18)"));
            }
            List<TableStats> stats = TableStats.all(connection);
            ImpactReport report = ImpactAnalysis.report(
                    change.statements(),
                    change.bodies(),
                    stats,
                    version,
                    target.address().environment(),
                    new Situation(
                            version / 10_000,
                            order.strategy(),
                            Situation.Runner.FERMATA,
                            Situation.Transactions.PER_STATEMENT,
                            Optional.of(Target.of(SchemaReader.read(connection), stats)),
                            LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)),
                    clock.instant());
            return new ImpactReported(run, revision, report);
        } catch (SQLException e) {
            throw TargetException.of("analysing on target '" + run.target() + "'", e);
        }
    }
}
