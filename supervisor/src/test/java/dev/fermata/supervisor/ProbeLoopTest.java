package dev.fermata.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.order.WorkOrder.Probe;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.config.HttpConfig;
import dev.fermata.runtime.config.KafkaConfig;
import dev.fermata.runtime.config.Secret;
import dev.fermata.runtime.config.TargetConfig;
import dev.fermata.supervisor.probe.Probes;
import dev.fermata.supervisor.run.Run;
import dev.fermata.supervisor.run.RunDecider;
import dev.fermata.supervisor.run.Settings;
import dev.fermata.testsupport.RealKafka;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProbeLoopTest {
    private static final RunId SHOP = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");

    /** So many failures that nothing else becomes of the run. */
    private static final Settings PATIENT = new Settings(
            Duration.ofMinutes(5),
            Duration.ofSeconds(15),
            3,
            Duration.ofHours(24),
            Duration.ofDays(7),
            1_000_000,
            List.of());

    private final ControlDatabase control = new ControlDatabase();
    private final TestDatabase shop = RealPostgres.shared().newDatabase();
    private final Vertx vertx = Vertx.vertx();
    private ServiceRuntime runtime;
    private ProbeLoop loop;

    @BeforeEach
    void start() throws Exception {
        shop.execute("CREATE TABLE health (ok boolean); INSERT INTO health VALUES (true)");
        TargetConfig target = new TargetConfig(
                "shop",
                RealPostgres.shared().host(),
                RealPostgres.shared().port(),
                shop.name(),
                shop.user(),
                null,
                new Secret(shop.password()),
                "staging",
                Map.of("of-the-target", "SELECT ok FROM health"),
                Map.of());
        runtime = ServiceRuntime.open(
                "supervisor",
                new CommonConfig(
                        "test",
                        new KafkaConfig(
                                RealKafka.shared().bootstrapServers(),
                                RealKafka.shared().newPrefix(),
                                3,
                                (short) 1),
                        control.config,
                        new HttpConfig("127.0.0.1", 0),
                        Map.of("shop", target)),
                vertx);
        Map<String, TargetConfig> targets = Map.of("shop", target);
        Desk desk = new Desk(new RunDecider(PATIENT), targets);
        loop = new ProbeLoop(runtime, desk, targets, new Probes(vertx, List.of()), Duration.ofMillis(50));
        loop.start();
    }

    @AfterEach
    void stop() {
        loop.close();
        runtime.close();
        vertx.close();
        shop.close();
        control.close();
    }

    private void becomes(RunId id, Consumer<Run> what) {
        Awaitility.await().untilAsserted(() -> what.accept(control.stored(id).orElseThrow()));
    }

    @Test
    void anApplicationIsLookedAtAgainAndAgainThroughTheProbesOfTheTargetAndOfTheOrder() throws Exception {
        control.save(ControlDatabase.watched(
                SHOP, List.of(new Probe("of-the-order", "SELECT count(*) = 1 FROM health", null, null, null))));
        becomes(SHOP, run -> {
            assertThat(run.looked()).isTrue();
            assertThat(run.probeFailures()).isZero();
        });

        shop.execute("UPDATE health SET ok = false; INSERT INTO health VALUES (true)");
        becomes(SHOP, run -> {
            assertThat(run.probeFailures()).isGreaterThan(1);
            assertThat(run.lastProbe()).contains("probe 'of-the-order'").contains("probe 'of-the-target'");
        });

        shop.execute("DELETE FROM health WHERE NOT ok");
        becomes(SHOP, run -> assertThat(run.probeFailures()).isZero());
    }

    @Test
    void whoCannotLookDoesNotTakeTheApplicationForWell() {
        RunId gone = new RunId(SHOP.order(), "gone");
        control.save(ControlDatabase.watched(gone, List.of()));
        becomes(gone, run -> {
            assertThat(run.probeFailures()).isPositive();
            assertThat(run.lastProbe()).isEqualTo("target 'gone' is not in the registry of this supervisor");
        });
    }

    @Test
    void aProbeThatCannotBeAskedIsAProblemOfTheApplicationAndTheLoopGoesOn() throws Exception {
        shop.execute("ALTER TABLE health RENAME TO elsewhere");
        control.save(ControlDatabase.watched(SHOP, List.of()));
        becomes(SHOP, run -> assertThat(run.lastProbe())
                .contains("probe 'of-the-target'")
                .contains("42P01"));
        shop.execute("ALTER TABLE elsewhere RENAME TO health");
        becomes(SHOP, run -> assertThat(run.probeFailures()).isZero());
    }
}
