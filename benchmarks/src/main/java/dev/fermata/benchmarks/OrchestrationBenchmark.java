package dev.fermata.benchmarks;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import dev.fermata.cli.launcher.AllServices;
import dev.fermata.cli.launcher.EmbeddedServers;
import dev.fermata.cli.launcher.ServiceName;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.bus.KafkaClients;
import dev.fermata.runtime.config.KafkaConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.LoggerFactory;

/**
 * Orders per second at saturation, and the time from post to outcome at a low rate, of the orchestration alone: conductor and
 * supervisor as they are, workers that do nothing. Beside it the floor of {@link FiveHops} on the same broker.
 *
 * <p>{@code mvn -q -Dquick install && mvn -q -Dquick -pl benchmarks exec:exec}; arguments: orders at saturation, orders at
 * the low rate.
 */
public final class OrchestrationBenchmark {
    private static final Pattern ID = Pattern.compile("\"id\":\"(wo_[0-9A-Z]{26})\"");
    private static final int PARALLEL_POSTS = 16;
    private static final Duration LOW_RATE = Duration.ofMillis(100);
    private static final String ORDER = """
        ---
        name: nothing
        author: bench@example.org
        targets: [nothing]
        backup: {mode: none}
        soak: 0s
        ---
        ```sql change
        SELECT 1;
        ```
        """;

    private final String url;
    private final KafkaConfig kafka;
    private final HttpClient http = HttpClient.newHttpClient();

    private OrchestrationBenchmark(String url, KafkaConfig kafka) {
        this.url = url;
        this.kafka = kafka;
    }

    public static void main(String[] args) throws Exception {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("ROOT").setLevel(Level.ERROR);
        int many = args.length > 0 ? Integer.parseInt(args[0]) : 1_000;
        int few = args.length > 1 ? Integer.parseInt(args[1]) : 150;
        Path folder = Files.createTempDirectory("fermata-bench");
        try (EmbeddedServers servers = EmbeddedServers.start(folder, 0, 0)) {
            servers.createDatabase("nothing", "nothing");
            KafkaConfig kafka = new KafkaConfig(servers.bootstrapServers(), "fermata.", 3, (short) 1);
            Map<String, String> settings = new HashMap<>(servers.settings());
            settings.put("kafka.partitions", "3");
            settings.put("targets.nothing.host", servers.postgresHost());
            settings.put("targets.nothing.port", Integer.toString(servers.postgresPort()));
            settings.put("targets.nothing.database", "nothing");
            settings.put("targets.nothing.user", "nothing");
            settings.put("targets.nothing.environment", "staging");
            settings.put(
                    "targets.nothing.password-file",
                    servers.secretFile("nothing").toString());
            try (NoOpWorkers workers = NoOpWorkers.start(kafka);
                    AllServices services = AllServices.start(
                            List.of(ServiceName.CONDUCTOR, ServiceName.SUPERVISOR), Optional.empty(), settings, 0)) {
                workers.awaitReady();
                new OrchestrationBenchmark("http://127.0.0.1:" + services.port(ServiceName.CONDUCTOR), kafka)
                        .run(many, few);
            }
        }
    }

    private void run(int many, int few) throws InterruptedException, ExecutionException {
        orders(200, Duration.ZERO); // warm up
        Measured saturated = orders(many, Duration.ZERO);
        Measured slow = orders(few, LOW_RATE);
        Measured floor = FiveHops.measure(kafka, many * 5, Duration.ZERO);
        Measured slowFloor = FiveHops.measure(kafka, few, LOW_RATE);
        System.out.println(saturated.line("orders, saturated"));
        System.out.println(floor.line("raw five hops, saturated"));
        System.out.println(slow.line("orders, 10/s"));
        System.out.println(slowFloor.line("raw five hops, 10/s"));
        System.out.printf(
                Locale.ROOT,
                "ratio: raw five hops do %.1f times the orders a second; an order takes %.1f times the floor's p50"
                        + " (p99: %.1f)%n",
                floor.perSecond() / saturated.perSecond(),
                slow.p50Millis() / slowFloor.p50Millis(),
                slow.p99Millis() / slowFloor.p99Millis());
    }

    private Measured orders(int count, Duration pace) throws InterruptedException {
        Map<String, Long> posted = new ConcurrentHashMap<>();
        Map<String, Long> ended = new ConcurrentHashMap<>();
        CountDownLatch all = new CountDownLatch(count);
        Thread listener = Thread.ofPlatform().daemon().start(() -> listen(ended, all));
        Semaphore free = new Semaphore(PARALLEL_POSTS);
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            TimeUnit.NANOSECONDS.sleep(Math.max(0, begin + i * pace.toNanos() - System.nanoTime()));
            free.acquire();
            Thread.ofVirtual().start(() -> {
                long at = System.nanoTime();
                posted.put(post(), at);
                free.release();
            });
        }
        if (!all.await(5, TimeUnit.MINUTES)) {
            throw new IllegalStateException(all.getCount() + " orders did not end");
        }
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        listener.join();
        Histogram micros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(10), 3);
        posted.forEach((id, at) -> {
            Long end = ended.get(id);
            if (end != null) {
                micros.recordValue(Math.max(0, end - at) / 1000);
            }
        });
        return Measured.of(count, took, micros);
    }

    private String post() {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/v1/work-orders"))
                .POST(HttpRequest.BodyPublishers.ofString(ORDER))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            Matcher id = ID.matcher(answer.body());
            if (answer.statusCode() != 202 || !id.find()) {
                throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            }
            return id.group(1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void listen(Map<String, Long> ended, CountDownLatch all) {
        try (Consumer<String, byte[]> consumer = KafkaClients.consumer(kafka, "bench-" + System.nanoTime(), "bench")) {
            consumer.subscribe(List.of(Topic.OUTCOMES.name(kafka.topicPrefix())));
            long from = System.currentTimeMillis();
            while (all.getCount() > 0) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    String type =
                            new String(record.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8);
                    if (record.timestamp() >= from && type.equals("dev.fermata.WorkOrderEnded.v1")) {
                        ended.put(record.key(), System.nanoTime());
                        all.countDown();
                    }
                }
            }
        }
    }
}
