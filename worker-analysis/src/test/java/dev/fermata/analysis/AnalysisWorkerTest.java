package dev.fermata.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.runtime.config.ConfigException;
import dev.fermata.runtime.config.ConfigSource;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalysisWorkerTest {
    @TempDir
    private Path folder;

    private static AnalysisConfig config(Map<String, String> flags) {
        return AnalysisConfig.read(
                ConfigSource.of(Optional.empty(), Map.of("FERMATA_CONTROL_PASSWORD", "secret"), flags));
    }

    @Test
    void withoutTheSettingThereIsNoPolicy() {
        assertThat(config(Map.of()).policy()).hasToString("");
    }

    @Test
    void givenAPolicyThatIsWrongThenItDoesNotStartAndTellsAllThatIsWrong() throws IOException {
        Path file = Files.writeString(folder.resolve("p.yaml"), "failOn: x\nrules: {nothing: off}\n");
        AnalysisConfig config = config(Map.of("worker-analysis.policy", file.toString()));
        Vertx vertx = Vertx.vertx();

        assertThatThrownBy(() -> AnalysisWorker.start(config, vertx))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems()).hasSize(2).allSatisfy(problem -> assertThat(problem)
                                .startsWith("worker-analysis.policy: " + file + ":")));
        vertx.close();
    }
}
