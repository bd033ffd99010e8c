package dev.fermata.contracts.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.Gen;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "0s, PT0S, 0s",
        "500ms, PT0.5S, 500ms",
        "1s, PT1S, 1s",
        "90s, PT1M30S, 1m30s",
        "2m, PT2M, 2m",
        "1h30m, PT1H30M, 1h30m",
        "1d, PT24H, 1d",
        "1s500ms, PT1.5S, 1s500ms",
        "3us7ns, PT0.000003007S, 3us7ns",
        "PT1.5S, PT1.5S, 1s500ms",
        "P2D, PT48H, 2d"
    })
    void readsAndWrites(String text, String iso, String written) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.parse(iso));
        assertThat(Durations.format(Durations.parse(text))).isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "soon",
                "1",
                "-1s",
                "1s ",
                "1 s",
                "1.5s",
                "1S",
                "1m1h",
                "1s1s",
                "PT",
                "PT-1S",
                "99999999999999s",
                "P1Y"
            })
    void refusesTheRest(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + text + "' (expected: a duration");
    }

    @Test
    void saysThatAUnitIsMissing() {
        assertThatThrownBy(() -> Durations.parse("30")).hasMessageContaining("such as 30s");
    }

    @Test
    void whatIsWrittenIsReadBack() {
        Gen<Duration> any = random -> Duration.ofSeconds(random.nextInt(10_000_000), random.nextInt(1_000_000_000));
        Gen.forAll(2000, any, value -> assertThat(Durations.parse(Durations.format(value)))
                .isEqualTo(value));
    }
}
