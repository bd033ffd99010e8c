package dev.fermata.analysis;

import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.config.ConfigReader;
import dev.fermata.runtime.config.ConfigSource;
import dev.fermata.runtime.jobs.JobSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Every key the analysis worker reads.
 *
 * @param policy file of the policy; empty for none
 * @param tries how often a target that does not answer is asked before the run fails
 */
public record AnalysisConfig(CommonConfig common, JobSettings jobs, Path policy, int tries) {

    private static final int DEFAULT_PORT = 8081;

    /** Throws {@link dev.fermata.runtime.config.ConfigException} with everything that is wrong. */
    public static AnalysisConfig read(ConfigSource source) {
        ConfigReader in = new ConfigReader(source).owning("worker-analysis");
        AnalysisConfig config = new AnalysisConfig(
                CommonConfig.read(in, DEFAULT_PORT),
                new JobSettings(
                        in.integer("worker-analysis.parallel", 4, 1, 1000),
                        in.integer("worker-analysis.max-waiting", 100, 1, 100_000),
                        in.duration("worker-analysis.lease", Duration.ofSeconds(10)),
                        in.duration("worker-analysis.drain", Duration.ofSeconds(10))),
                in.path("worker-analysis.policy", Path.of("")),
                in.integer("worker-analysis.tries", 3, 1, 100));
        in.finish();
        return config;
    }
}
