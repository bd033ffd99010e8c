package dev.fermata.contracts.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.Gen;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {
    private static final Instant NOW = Instant.parse("2026-12-01T22:00:00Z");
    private static final String ULID = "01JD8Z3Q5V8X9Y7W6T5R4S3Q2P";

    @Test
    void theTimeOfTheSpecificationIsEncodedAsThere() {
        // The example of github.com/ulid/spec: 1469918176385 is 01ARYZ6S41.
        assertThat(at(Instant.ofEpochMilli(1469918176385L), 0).next()).isEqualTo("01ARYZ6S410000000000000000");
        assertThat(at(Instant.ofEpochMilli((1L << 48) - 1), -1).next()).isEqualTo("7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
        assertThat(at(Instant.EPOCH, 1).next()).isEqualTo("0000000000" + "000G000000000001");
    }

    @Test
    void laterIdsSortLaterWhateverTheClockDoes() {
        Gen<List<Integer>> clockSteps = Gen.between(-5, 5).list(1, 60);
        Gen.forAll(300, clockSteps, steps -> {
            SettableClock clock = new SettableClock();
            Ulid ulids = new Ulid(clock, new Random(steps.hashCode()));
            String last = "";
            for (int step : steps) {
                clock.millis += step;
                String next = ulids.next();
                assertThat(next).matches(Ulid::isUlid).isGreaterThan(last);
                last = next;
            }
        });
    }

    @Test
    void countsOnWhenTheRandomBitsAreUsedUp() {
        Ulid ulids = at(NOW, -1);

        List<String> ids = IntStream.range(0, 5).mapToObj(i -> ulids.next()).toList();

        assertThat(ids).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void threadsGetDifferentIds() throws InterruptedException {
        Ulid ulids = Ulid.system();
        Set<String> ids = ConcurrentHashMap.newKeySet();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofVirtual().start(() -> IntStream.range(0, 1000).forEach(n -> ids.add(ulids.next()))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(ids).hasSize(4000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "01JD8Z3Q5V8X9Y7W6T5R4S3Q2",
                "01JD8Z3Q5V8X9Y7W6T5R4S3Q2PP",
                "81JD8Z3Q5V8X9Y7W6T5R4S3Q2P",
                "01jd8z3q5v8x9y7w6t5r4s3q2p",
                "01JD8Z3Q5V8X9Y7W6T5R4S3QIL",
                "/1JD8Z3Q5V8X9Y7W6T5R4S3Q2P"
            })
    void whatIsNoUlidIsNoWorkOrderId(String text) {
        assertThat(Ulid.isUlid(text)).isFalse();
        assertThatThrownBy(() -> new WorkOrderId("wo_" + text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("work order id: 'wo_" + text + "' (expected: wo_ and 26 characters");
    }

    @Test
    void aWorkOrderIdNeedsItsPrefix() {
        assertThatThrownBy(() -> new WorkOrderId(ULID)).hasMessageContaining("expected: wo_");
        assertThat(WorkOrderId.next(Ulid.system()).value()).startsWith("wo_");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "wo_" + ULID,
                "wo_" + ULID + "/",
                "wo_" + ULID + "/Shop",
                "wo_" + ULID + "/-a",
                "wo_" + ULID + "/a/b",
                "x/shop",
                "/shop"
            })
    void whatIsNoRunIdIsRefused(String text) {
        assertThatThrownBy(() -> RunId.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: ");
    }

    @Test
    void aRunIdIsOneText() throws IOException {
        RunId run = RunId.parse("wo_" + ULID + "/shop-eu");

        assertThat(run)
                .isEqualTo(new RunId(new WorkOrderId("wo_" + ULID), "shop-eu"))
                .hasToString("wo_" + ULID + "/shop-eu");
        assertThat(Json.mapper().writeValueAsString(run)).isEqualTo("\"wo_" + ULID + "/shop-eu\"");
        assertThat(Json.mapper().readValue("\"wo_" + ULID + "/shop-eu\"", RunId.class))
                .isEqualTo(run);
    }

    @Test
    void idsSortByTime() {
        SettableClock clock = new SettableClock();
        Ulid ulids = new Ulid(clock, new Random(7));
        List<RunId> runs = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clock.millis += i % 2;
            runs.add(new RunId(WorkOrderId.next(ulids), "shop"));
        }
        assertThat(runs).isSorted();
        assertThat(new HashSet<>(runs)).hasSize(50);
    }

    private static Ulid at(Instant time, long bits) {
        return new Ulid(Clock.fixed(time, ZoneOffset.UTC), () -> bits);
    }

    private static final class SettableClock extends Clock {
        private long millis = NOW.toEpochMilli();

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis);
        }
    }
}
