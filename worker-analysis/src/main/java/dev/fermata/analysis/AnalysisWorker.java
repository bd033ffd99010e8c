package dev.fermata.analysis;

import dev.fermata.analysis.policy.Policy;
import dev.fermata.analysis.policy.PolicyException;
import dev.fermata.analysis.policy.PolicyFile;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.DirectiveMessage.AnalysisOrdered;
import dev.fermata.contracts.message.ExecutionMessage.PlanPrepared;
import dev.fermata.contracts.message.ExecutionMessage.StepCompleted;
import dev.fermata.contracts.message.ImpactMessage.ImpactReported;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.Topic;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderAmended;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderIssued;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.bus.MessageHandler;
import dev.fermata.runtime.bus.UnitOfWork;
import dev.fermata.runtime.config.ConfigException;
import dev.fermata.runtime.config.TargetConfig;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The analysis worker, assembled and running. Listens to {@code work-orders}, and on {@code directives} to the order to
 * analyse once more; speaks on {@code impact}.
 */
public final class AnalysisWorker implements AutoCloseable {
    private final ServiceRuntime runtime;
    private final SqlParser parser;

    private AnalysisWorker(ServiceRuntime runtime, SqlParser parser) {
        this.runtime = runtime;
        this.parser = parser;
    }

    /** Returns once it listens. Throws {@link ConfigException} for a policy that cannot be used. */
    public static AnalysisWorker start(AnalysisConfig config, Vertx vertx) {
        Policy policy = policy(config.policy());
        ServiceRuntime runtime = ServiceRuntime.open("worker-analysis", config.common(), vertx);
        SqlParser parser = new SqlParser(1);
        AnalysisJobs jobs = new AnalysisJobs(
                targets(config.common().targets()),
                parser,
                policy,
                target -> runtime.store().inTransaction(connection -> Lessons.of(connection, target)),
                config.tries(),
                runtime.clock());
        runtime.start(ServiceRuntime.Behaviour.working(
                List.of(Topic.WORK_ORDERS, Topic.DIRECTIVES, Topic.IMPACT, Topic.EXECUTION),
                accept(jobs),
                config.jobs(),
                jobs));
        return new AnalysisWorker(runtime, parser);
    }

    private static Policy policy(Path file) {
        if (file.toString().isEmpty()) {
            return Policy.none(RuleBook.standard());
        }
        try {
            return PolicyFile.read(file, RuleBook.all());
        } catch (PolicyException e) {
            throw new ConfigException(e.problems().stream()
                    .map(problem -> "worker-analysis.policy: " + problem.message())
                    .toList());
        }
    }

    /** A job for each run; that of an amended order, or one that is ordered anew, replaces the analysis before. */
    private static MessageHandler accept(AnalysisJobs jobs) {
        return (envelope, work) -> {
            switch (envelope.message()) {
                case WorkOrderIssued issued -> accept(issued.runs(), epoch(issued.revision(), 0), issued, work);
                case WorkOrderAmended amended -> accept(amended.runs(), epoch(amended.revision(), 0), amended, work);
                case AnalysisOrdered again ->
                    accept(List.of(again.runId()), epoch(again.revision(), again.epoch()), again, work);
                case ImpactReported reported -> Lessons.reported(reported, work);
                case PlanPrepared prepared -> Lessons.planned(prepared, work);
                case StepCompleted completed -> {
                    if (completed.rows() > 0) {
                        jobs.changed(completed.runId().target());
                    }
                    Lessons.completed(completed, work);
                }
                default -> {
                    // cancellations and operators' wishes are the supervisor's to decide; the rest is no news here
                }
            }
        };
    }

    /** The epochs of a run begin anew with each revision. */
    private static long epoch(int revision, long epoch) {
        return ((long) revision << 32) + epoch;
    }

    private static void accept(List<RunId> runs, long epoch, Message message, UnitOfWork work) throws SQLException {
        for (RunId run : runs) {
            work.acceptJob(run.toString(), epoch, message);
        }
    }

    private static Map<String, TargetDatabase> targets(Map<String, TargetConfig> registry) {
        return registry.values().stream()
                .collect(Collectors.toMap(
                        TargetConfig::name,
                        target -> new TargetDatabase(new TargetAddress(
                                target.name(),
                                target.host(),
                                target.port(),
                                target.database(),
                                target.user(),
                                Password.from(target.password()::reveal),
                                target.environment(),
                                target.role()))));
    }

    /** Where health and metrics are. */
    public int httpPort() {
        return runtime.httpPort();
    }

    @Override
    public void close() {
        runtime.close();
        parser.close();
    }
}
