package dev.fermata.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.analysis.AnalysisConfig;
import dev.fermata.conductor.ConductorConfig;
import dev.fermata.execution.ExecutionConfig;
import dev.fermata.runtime.config.ConfigSource;
import dev.fermata.runtime.config.Setting;
import dev.fermata.supervisor.SupervisorConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** docs/configuration.md tells of every key that a service asks for, with what it takes and its default. */
class ConfigurationPageTest {
    private static final ConfigSource SOURCE = ConfigSource.of(
            Optional.empty(),
            Map.of("FERMATA_CONTROL_PASSWORD", "secret", "FERMATA_TARGETS_NAME_PASSWORD", "secret"),
            Map.of("targets.name.database", "x", "targets.name.user", "x"));

    @Test
    void everyKeyThatAServiceAsksForHasItsRowAndNoOtherHas() throws IOException {
        List<String> page = Files.readAllLines(RepositoryTest.ROOT.resolve("docs/configuration.md"));
        List<String> rows = page.stream().filter(line -> line.startsWith("| `")).toList();
        List<String> expected = expectedRows();

        assertThat(rows.stream().map(ConfigurationPageTest::withoutMeaning))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(rows).allSatisfy(row -> assertThat(meaning(row)).isNotBlank());
    }

    private static List<String> expectedRows() {
        Map<String, Setting> settings = new LinkedHashMap<>();
        Consumer<Setting> note = setting -> settings.putIfAbsent(setting.key(), setting);
        ConfigSource observed = SOURCE.observedBy(note);
        ConductorConfig.read(observed);
        AnalysisConfig.read(observed);
        SupervisorConfig.read(observed);
        ExecutionConfig.read(observed);
        List<String> rows = new ArrayList<>();
        settings.values()
                .forEach(setting -> rows.add("| `" + setting.key().replace("targets.name.", "targets.NAME.") + "` | "
                        + setting.expected() + " | " + shownDefault(setting) + " |"));
        return rows;
    }

    private static String shownDefault(Setting setting) {
        return setting.defaultValue().isEmpty() ? "" : "`" + setting.defaultValue() + "`";
    }

    private static String withoutMeaning(String row) {
        return row.substring(0, row.lastIndexOf('|', row.length() - 2) + 1).strip();
    }

    private static String meaning(String row) {
        return row.substring(row.lastIndexOf('|', row.length() - 2) + 1, row.length() - 1);
    }
}
