package dev.fermata.execution;

import dev.fermata.execution.backup.BackupConfig;
import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.config.ConfigReader;
import dev.fermata.runtime.config.ConfigSource;
import dev.fermata.runtime.config.Secret;
import dev.fermata.runtime.config.TargetConfig;
import dev.fermata.runtime.jobs.JobSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every key the execution worker reads.
 *
 * @param heartbeat time between two signs of life
 * @param targetPatience how long a job waits while another order holds its target
 * @param reconnectFor how long a target that cannot be reached is tried, in the middle of its work
 * @param backup where backups are kept, and how they are taken
 * @param largestDump bytes of a database up to which a clone of kind auto has all rows
 * @param sampleRows at most so many rows of each table are in a clone of kind sample
 * @param neon null where no target is kept at Neon
 */
public record ExecutionConfig(
        CommonConfig common,
        JobSettings jobs,
        Duration heartbeat,
        Duration targetPatience,
        Duration reconnectFor,
        BackupConfig backup,
        long largestDump,
        int sampleRows,
        @Nullable Neon neon) {

    /** The label of a target that says in which project of Neon it is. */
    private static final String PROJECT = "neon-project";

    private static final int DEFAULT_PORT = 8082;
    private static final int MIB = 1 << 20;

    /** Throws {@link dev.fermata.runtime.config.ConfigException} with everything that is wrong. */
    public static ExecutionConfig read(ConfigSource source) {
        ConfigReader in = new ConfigReader(source).owning("worker-execution");
        CommonConfig common = CommonConfig.read(in, DEFAULT_PORT);
        ExecutionConfig config = new ExecutionConfig(
                common,
                new JobSettings(
                        in.integer("worker-execution.parallel", 4, 1, 1000),
                        in.integer("worker-execution.max-waiting", 100, 1, 100_000),
                        in.duration("worker-execution.lease", Duration.ofSeconds(10)),
                        in.duration("worker-execution.drain", Duration.ofSeconds(10))),
                in.duration("worker-execution.heartbeat", Duration.ofSeconds(2)),
                in.duration("worker-execution.target-patience", Duration.ofMinutes(30)),
                in.duration("worker-execution.reconnect-for", Duration.ofMinutes(10)),
                BackupConfig.read(in),
                (long) in.integer("worker-execution.largest-dump-mib", 2048, 1, 1 << 24) * MIB,
                in.integer("worker-execution.sample-rows", 10_000, 1, 10_000_000),
                neon(in, common.targets().values()));
        in.finish();
        return config;
    }

    /** The token is asked for only where a target needs it. */
    private static @Nullable Neon neon(ConfigReader in, Collection<TargetConfig> targets) {
        Map<String, String> projects = new TreeMap<>();
        for (TargetConfig target : targets) {
            String project = target.labels().get(PROJECT);
            if (project != null) {
                projects.put(target.name(), project);
            }
        }
        return projects.isEmpty() ? null : new Neon(projects, in.secret("worker-execution.neon-token"));
    }

    /**
     * Branches of targets that are kept at Neon.
     *
     * @param projects by name of the target
     */
    public record Neon(Map<String, String> projects, Secret token) {
        public Neon {
            projects = Map.copyOf(projects);
        }

        @Override
        public String toString() {
            return "Neon projects " + projects;
        }
    }
}
