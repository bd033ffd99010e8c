package dev.fermata.runtime;

import static dev.fermata.runtime.TestBench.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.config.ControlConfig;
import dev.fermata.runtime.config.HttpConfig;
import dev.fermata.runtime.config.KafkaConfig;
import dev.fermata.runtime.config.Secret;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A service in a process of its own is killed by SIGKILL in the middle of its work, again and again. */
@Timeout(180)
class KillTest {
    private static final int MESSAGES = 500;
    private static final int KILLS = 3;

    @Test
    void everyMessageTakesEffectOnceAndIsAnsweredOnce() throws Exception {
        long seed = Long.getLong("fermata.test.seed", new SecureRandom().nextLong());
        Random random = new Random(seed);
        try (TestBench bench = TestBench.onSharedServers()) {
            bench.store(Scribe.NAME);
            for (int life = 0; life < KILLS; life++) {
                Process child = start(bench);
                Thread sender = sender(bench, life);
                assertThat(child.waitFor(200 + random.nextInt(900), TimeUnit.MILLISECONDS))
                        .as("ended by itself")
                        .isFalse();
                child.destroyForcibly().waitFor();
                sender.join();
            }
            Process last = start(bench);
            try {
                sender(bench, KILLS).join();
                eventually(() -> assertThat(Scribe.notes(bench)).hasSizeGreaterThanOrEqualTo(MESSAGES));
                eventually(() -> assertThat(Scribe.answers(bench)).hasSizeGreaterThanOrEqualTo(MESSAGES));
            } finally {
                last.destroy();
                assertThat(last.waitFor()).as("ends in order, by SIGTERM").isEqualTo(143);
            }
            List<String> all =
                    IntStream.range(0, MESSAGES).mapToObj(i -> "document " + i).toList();
            assertThat(Scribe.notes(bench)).as("seed " + seed).containsExactlyInAnyOrderElementsOf(all);
            assertThat(Scribe.answers(bench)).as("seed " + seed).containsExactlyInAnyOrderElementsOf(all);
        }
    }

    /** Sends the share of one life, at full speed. */
    private static Thread sender(TestBench bench, int life) {
        int share = MESSAGES / (KILLS + 1);
        return Thread.ofPlatform()
                .name("sender")
                .start(() -> TestBench.get(() -> {
                    for (int i = life * share; i < (life + 1) * share; i++) {
                        bench.send(Scribe.request("k" + i % 11, "document " + i));
                    }
                    return 1;
                }));
    }

    private static Process start(TestBench bench) throws IOException {
        CommonConfig config = bench.config();
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ScribeMain.class.getName(),
                        config.kafka().bootstrapServers(),
                        config.kafka().topicPrefix(),
                        Integer.toString(config.control().port()),
                        config.control().database(),
                        config.control().user())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var secret = child.outputWriter()) {
            secret.write(config.control().password().reveal() + "\n");
        }
        BufferedReader words = child.inputReader();
        assertThat(words.readLine()).isEqualTo("listening");
        return child;
    }

    /** The child: as slow as if each note took some work, so that kills meet it in the middle of a batch. */
    static final class ScribeMain {
        public static void main(String[] args) throws Exception {
            String password = new String(System.in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip();
            CommonConfig config = new CommonConfig(
                    "child",
                    new KafkaConfig(args[0], args[1], 3, (short) 1),
                    new ControlConfig(
                            "127.0.0.1",
                            Integer.parseInt(args[2]),
                            args[3],
                            args[4],
                            new Secret(password),
                            4,
                            Duration.ofSeconds(10)),
                    new HttpConfig("127.0.0.1", 0),
                    Map.of());
            ServiceRuntime runtime = ServiceRuntime.open(Scribe.NAME, config, Vertx.vertx());
            runtime.start(Scribe.behaviour((envelope, work) -> {
                Scribe.note(envelope.message(), work);
                java.util.concurrent.locks.LockSupport.parkNanos(3_000_000);
            }));
            Runtime.getRuntime().addShutdownHook(new Thread(runtime::close));
            System.out.println("listening");
            Thread.currentThread().join();
        }
    }
}
