package dev.fermata.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WriteRatesTest {
    private static final QualifiedName ORDERS = new QualifiedName("public", "orders");
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final WriteRates rates = new WriteRates();

    private Map<QualifiedName, Double> at(Instant when, long writes, Instant since) {
        return rates.of(
                "shop",
                List.of(new TableStats(1, ORDERS, TableStats.Kind.TABLE, 1, true, 0, 0, 0, List.of(), writes, 0, 0, 0)),
                when,
                since);
    }

    @Test
    void theFirstTimeItIsTheAverageSinceTheCountersBegan() {
        assertThat(at(NOON, 7200, NOON.minus(Duration.ofHours(2)))).containsEntry(ORDERS, 1.0);
    }

    @Test
    void countersThatHaveJustBegunSayNothing() {
        assertThat(at(NOON, 7200, NOON.minus(Duration.ofMinutes(1)))).isEmpty();
    }

    @Test
    void afterwardsItIsWhatHappenedSinceTheLastTime() {
        Instant since = NOON.minus(Duration.ofDays(9));
        at(NOON, 1_000, since);
        assertThat(at(NOON.plusSeconds(1), 1_100, since))
                .as("too short to tell")
                .isEmpty();
        assertThat(at(NOON.plusSeconds(10), 2_000, since)).containsEntry(ORDERS, 100.0);
    }

    @Test
    void afterALongTimeItIsTheAverageAgain() {
        Instant since = NOON.minus(Duration.ofHours(10));
        at(NOON.minus(Duration.ofHours(5)), 0, since);
        assertThat(at(NOON, 36_000, since)).containsEntry(ORDERS, 1.0);
    }

    /** A table that a change has filled is not one that the application writes to. */
    @Test
    void whatFermataWroteItselfIsNotTakenForTheApplication() {
        Instant since = NOON.minus(Duration.ofHours(2));
        at(NOON, 0, since);
        rates.forget("shop");
        assertThat(at(NOON.plusSeconds(60), 10_000_060, since)).as("unknown").isEmpty();
        assertThat(at(NOON.plusSeconds(120), 10_000_120, since)).containsEntry(ORDERS, 1.0);
    }

    @Test
    void countersThatWereResetSayNothing() {
        at(NOON, 1_000, NOON);
        assertThat(at(NOON.plusSeconds(60), 10, NOON.plusSeconds(50))).isEmpty();
    }
}
