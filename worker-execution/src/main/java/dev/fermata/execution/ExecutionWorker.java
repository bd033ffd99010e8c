package dev.fermata.execution;

import dev.fermata.contracts.message.DirectiveMessage;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.Topic;
import dev.fermata.execution.rehearsal.BranchService;
import dev.fermata.execution.rehearsal.CloneProviders;
import dev.fermata.execution.rehearsal.NeonBranches;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.bus.MessageHandler;
import dev.fermata.runtime.config.TargetConfig;
import dev.fermata.runtime.jobs.Job;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The execution worker, assembled and running. Listens to {@code directives}, speaks on {@code execution}. */
public final class ExecutionWorker implements AutoCloseable {
    private static final Duration BRANCH_WITHIN = Duration.ofMinutes(5);
    private static final Duration BRANCH_POLL = Duration.ofSeconds(1);

    private final ServiceRuntime runtime;
    private final SqlParser parser;

    private ExecutionWorker(ServiceRuntime runtime, SqlParser parser) {
        this.runtime = runtime;
        this.parser = parser;
    }

    /** Returns once it listens. */
    public static ExecutionWorker start(ExecutionConfig config, Vertx vertx) {
        ServiceRuntime runtime = ServiceRuntime.open("worker-execution", config.common(), vertx);
        SqlParser parser = new SqlParser(1);
        Map<String, TargetDatabase> targets = targets(config.common().targets());
        CloneProviders clones = new CloneProviders(config.largestDump(), config.sampleRows(), branches(config));
        ForgottenClones.sweepInBackground(targets.values(), clones);
        DirectiveJobs jobs = new DirectiveJobs(targets, config, clones, parser, runtime.clock(), new SecureRandom());
        runtime.start(ServiceRuntime.Behaviour.working(List.of(Topic.DIRECTIVES), accept(), config.jobs(), jobs));
        return new ExecutionWorker(runtime, parser);
    }

    /** A directive is accepted as the job of its run; one of a lower epoch than was seen is dropped. */
    private static MessageHandler accept() {
        return (envelope, work) -> {
            Message message = envelope.message();
            if (message instanceof DirectiveMessage.PaceOrdered pace) {
                work.acceptJob(pace.runId() + "/" + pace.revision() + Job.AT_ONCE, pace.sequence(), pace);
            } else if (message instanceof DirectiveMessage directive && !isForAnotherWorker(directive)) {
                work.acceptJob(directive.runId().toString(), directive.epoch(), directive);
            }
        };
    }

    private static boolean isForAnotherWorker(DirectiveMessage directive) {
        return directive instanceof DirectiveMessage.AnalysisOrdered;
    }

    private static Map<String, BranchService> branches(ExecutionConfig config) {
        ExecutionConfig.Neon neon = config.neon();
        return neon == null
                ? Map.of()
                : neon.projects().entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                entry -> new NeonBranches(
                                        NeonBranches.API,
                                        entry.getValue(),
                                        neon.token()::reveal,
                                        BRANCH_WITHIN,
                                        BRANCH_POLL)));
    }

    static Map<String, TargetDatabase> targets(Map<String, TargetConfig> registry) {
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
