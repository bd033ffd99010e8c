package dev.fermata.runtime.http;

import static dev.fermata.runtime.Scribe.request;
import static dev.fermata.runtime.TestBench.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.runtime.Scribe;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.TestBench;
import dev.fermata.testsupport.RealKafka;
import dev.fermata.testsupport.RealPostgres;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class HealthTest {
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void readinessFollowsTheControlDatabaseAndLivenessDoesNot() throws Exception {
        try (RealPostgres postgres = RealPostgres.startOwn();
                TestBench bench = TestBench.on(RealKafka.shared(), postgres)) {
            ServiceRuntime runtime = bench.start(Scribe.NAME, Scribe.behaviour());
            eventually(
                    () -> assertThat(get(runtime, "/health/ready").statusCode()).isEqualTo(200));
            assertThat(get(runtime, "/health/ready").body())
                    .contains("\"status\":\"UP\"", "control-database", "kafka-consumer");

            postgres.stopImmediate();
            long begin = System.nanoTime();
            HttpResponse<String> down = get(runtime, "/health/ready");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
            assertThat(down.statusCode()).isEqualTo(503);
            assertThat(down.body())
                    .contains("{\"name\":\"control-database\",\"status\":\"DOWN\"")
                    .doesNotContain(bench.database().password());
            assertThat(get(runtime, "/health/live").statusCode()).isEqualTo(200);

            postgres.startAgain();
            eventually(
                    () -> assertThat(get(runtime, "/health/ready").statusCode()).isEqualTo(200));
        }
    }

    @Test
    void metricsCountWhatTheBusDid() throws Exception {
        try (TestBench bench = TestBench.onSharedServers()) {
            ServiceRuntime runtime = bench.start(Scribe.NAME, Scribe.behaviour());
            bench.send(request("k", "one"), request("k", "two"));
            eventually(() -> assertThat(get(runtime, "/metrics").body())
                    .contains("fermata_messages_handled_total{service=\"scribe\"} 2.0"));
            eventually(() -> assertThat(get(runtime, "/metrics").body())
                    .contains(
                            "fermata_messages_duplicate_total{service=\"scribe\"} 0.0",
                            "fermata_messages_dead_total{service=\"scribe\"} 0.0",
                            "fermata_timers_fired_total{service=\"scribe\"} 0.0",
                            "fermata_message_handling_seconds_count{service=\"scribe\",type=\"WorkOrderRequested\"} 2",
                            "fermata_outbox_pending{service=\"scribe\"} 0.0",
                            "fermata_outbox_oldest_seconds{service=\"scribe\"} 0.0"));
        }
    }

    @Test
    void aTakenPortIsReportedAndNothingIsLeftRunning() throws Exception {
        try (TestBench bench = TestBench.onSharedServers();
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var config = bench.config();
            var clash = new dev.fermata.runtime.config.CommonConfig(
                    config.instance(),
                    config.kafka(),
                    config.control(),
                    new dev.fermata.runtime.config.HttpConfig("127.0.0.1", taken.getLocalPort()),
                    config.targets());
            Vertx vertx = Vertx.vertx();
            ServiceRuntime runtime = ServiceRuntime.open("clash", clash, vertx);
            assertThatThrownBy(() -> runtime.start(Scribe.behaviour()))
                    .hasMessageStartingWith("http.port: " + taken.getLocalPort() + " cannot be listened on")
                    .hasMessageEndingWith("choose a free one");
            assertThat(threads()).noneMatch(name -> name.startsWith("clash-"));
            vertx.close().toCompletionStage().toCompletableFuture().get();
        }
    }

    @Test
    void aClosedServiceLeavesNoThreadBehind() throws Exception {
        try (TestBench bench = TestBench.onSharedServers()) {
            ServiceRuntime runtime = bench.start("tidy", Scribe.behaviour());
            assertThat(threads()).contains("tidy-messages", "tidy-timers", "tidy-outbox");
            runtime.close();
            assertThat(threads()).noneMatch(name -> name.startsWith("tidy-"));
        }
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).collect(Collectors.toSet());
    }

    private HttpResponse<String> get(ServiceRuntime runtime, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + runtime.httpPort() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
