package dev.fermata.execution;

import dev.fermata.execution.backup.BackupConfig;
import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.config.ConfigReader;
import dev.fermata.runtime.config.ConfigSource;
import dev.fermata.runtime.jobs.JobSettings;
import java.time.Duration;

/**
 * Every key the execution worker reads.
 *
 * @param heartbeat time between two signs of life
 * @param targetPatience how long a job waits while another order holds its target
 * @param backup where backups are kept, and how they are taken
 * @param largestDump bytes of a database up to which a clone of kind auto has all rows
 */
public record ExecutionConfig(
        CommonConfig common,
        JobSettings jobs,
        Duration heartbeat,
        Duration targetPatience,
        BackupConfig backup,
        long largestDump) {

    private static final int DEFAULT_PORT = 8082;
    private static final int MIB = 1 << 20;

    /** Throws {@link dev.fermata.runtime.config.ConfigException} with everything that is wrong. */
    public static ExecutionConfig read(ConfigSource source) {
        ConfigReader in = new ConfigReader(source).owning("worker-execution");
        ExecutionConfig config = new ExecutionConfig(
                CommonConfig.read(in, DEFAULT_PORT),
                new JobSettings(
                        in.integer("worker-execution.parallel", 4, 1, 1000),
                        in.integer("worker-execution.max-waiting", 100, 1, 100_000),
                        in.duration("worker-execution.lease", Duration.ofSeconds(10)),
                        in.duration("worker-execution.drain", Duration.ofSeconds(10))),
                in.duration("worker-execution.heartbeat", Duration.ofSeconds(2)),
                in.duration("worker-execution.target-patience", Duration.ofMinutes(30)),
                BackupConfig.read(in),
                (long) in.integer("worker-execution.largest-dump-mib", 2048, 1, 1 << 24) * MIB);
        in.finish();
        return config;
    }
}
