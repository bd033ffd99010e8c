package dev.fermata.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
    @TempDir
    Path folder;

    private final Map<String, String> environment = new HashMap<>(Map.of("FERMATA_CONTROL_PASSWORD", "s3cret"));
    private final Map<String, String> flags = new HashMap<>();
    private String yaml = "";

    @Test
    void flagsBeatTheEnvironmentBeatsTheFileBeatsTheDefault() {
        assertThat(read().kafka().topicPrefix()).isEqualTo("fermata.");
        yaml = "kafka:\n  topic-prefix: file.\n";
        assertThat(read().kafka().topicPrefix()).isEqualTo("file.");
        environment.put("FERMATA_KAFKA_TOPIC_PREFIX", "environment.");
        assertThat(read().kafka().topicPrefix()).isEqualTo("environment.");
        flags.put("kafka.topic-prefix", "flag.");
        assertThat(read().kafka().topicPrefix()).isEqualTo("flag.");
    }

    @Test
    void everyDefaultIsPinned() {
        CommonConfig config = read();
        assertThat(config.instance()).isEqualTo("local");
        assertThat(config.kafka()).isEqualTo(new KafkaConfig("127.0.0.1:9092", "fermata.", 6, (short) 1));
        assertThat(config.http()).isEqualTo(new HttpConfig("127.0.0.1", 8080));
        assertThat(config.control().jdbcUrl()).isEqualTo("jdbc:postgresql://127.0.0.1:5432/fermata");
        assertThat(config.control().user()).isEqualTo("fermata");
        assertThat(config.control().poolSize()).isEqualTo(8);
        assertThat(config.control().startupWait()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.targets()).isEmpty();
    }

    @Test
    void anAddressWithoutItsSchemeIsRefused() {
        yaml = "store:\n  endpoint: s3.example.org:9000\n";
        assertThat(problems(
                        in -> assertThat(in.httpAddress("store.endpoint", "")).isEmpty()))
                .anyMatch(problem -> problem.contains("store.endpoint")
                        && problem.contains("expected: an address that begins with http:// or https://"));
    }

    @Test
    void allProblemsAreReportedAtOnceEachWithKeyValueExpectationAndOrigin() {
        yaml = """
            kafka:
              partitions: many
            control:
              startup-wait: soon
              pasword-file: /x
            htp:
              port: 1
            targets:
              shop:
                environment: prod
                user: " "
              Shop_2: {database: x}
            """;
        environment.clear();
        environment.put("FERMATA_HTTP_PORT", "99999");
        flags.put("control.pool-size", "0");
        assertThat(problems())
                .containsExactlyInAnyOrder(
                        "kafka.partitions: 'many' (expected: a number from 1 to 1000; from " + file() + ")",
                        "control.startup-wait: 'soon' (expected: a duration such as 30s; from " + file() + ")",
                        "control.pasword-file: unknown key (did you mean control.password-file?; from " + file() + ")",
                        "htp.port: unknown key (did you mean http.port?; from " + file() + ")",
                        "http.port: '99999' (expected: a number from 0 to 65535; from environment variable"
                                + " FERMATA_HTTP_PORT)",
                        "control.pool-size: '0' (expected: a number from 2 to 100; from flag --control.pool-size)",
                        "control.password: missing (expected: control.password-file with the path of a file that holds"
                                + " it, or FERMATA_CONTROL_PASSWORD)",
                        "targets.shop.environment: 'prod' (expected: one of production, staging, development, test;"
                                + " from "
                                + file() + ")",
                        "targets.shop.user: ' ' (expected: a text; from " + file() + ")",
                        "targets.shop.database: missing (expected: a text; set it in the file or as"
                                + " FERMATA_TARGETS_SHOP_DATABASE)",
                        "targets.shop.password: missing (expected: targets.shop.password-file with the path of a file"
                                + " that holds it, or FERMATA_TARGETS_SHOP_PASSWORD)",
                        "targets.Shop_2: 'Shop_2' (expected: lower case letters, digits and dashes, at most 63)");
    }

    @Test
    void sectionsOfOtherServicesAreTheirOwnBusinessAndOnesOwnAreChecked() {
        yaml = "conductor: {anything: 1}\nsupervisor: {tris: 3}\n";
        assertThat(problems(in -> in.integer("worker.x", 1, 0, 2))).isEmpty();
        assertThat(problems(in -> in.owning("supervisor").integer("supervisor.tries", 3, 1, 100)))
                .containsExactly("supervisor.tris: unknown key (did you mean supervisor.tries?; from " + file() + ")");
    }

    @Test
    void aSecretComesFromAFileThatOnlyItsOwnerCanRead() throws IOException {
        environment.clear();
        flags.put(
                "control.password-file", secretFile("from file\n", "rw-------").toString());
        assertThat(read().control().password().reveal()).isEqualTo("from file");
        environment.put(
                "FERMATA_CONTROL_PASSWORD_FILE",
                secretFile("  spaces belong to it \r\n", "r--r-----").toString());
        flags.clear();
        assertThat(read().control().password().reveal()).isEqualTo("  spaces belong to it ");
    }

    @Test
    void aSecretFileThatEverybodyCanReadThatIsEmptyOrThatIsNotThereIsRefused() throws IOException {
        environment.clear();
        Path open = secretFile("s3cret", "rw-r--r--");
        flags.put("control.password-file", open.toString());
        assertThat(problems())
                .containsExactly("control.password-file: '" + open + "' can be read by everybody (expected: chmod 600 "
                        + open + ")");
        Path empty = secretFile("\n", "rw-------");
        flags.put("control.password-file", empty.toString());
        assertThat(problems())
                .containsExactly(
                        "control.password-file: '" + empty + "' is empty (expected: a file with the secret alone)");
        flags.put("control.password-file", "/nowhere");
        assertThat(problems())
                .containsExactly(
                        "control.password-file: '/nowhere' cannot be read (expected: a file with the secret alone)");
        flags.put("control.password-file", "a\0b");
        assertThat(problems())
                .singleElement()
                .asString()
                .endsWith("cannot be read (expected: a file with the secret alone)");
    }

    @Test
    void aSecretInTheSettingsFileOrInAFlagIsRefusedEvenBesideAGoodOne() {
        yaml = "control: {password: s3cret}\n";
        flags.put("control.password", "s3cret");
        assertThat(problems())
                .containsExactly(
                        "control.password: a secret may not stand in " + file()
                                + " (expected: control.password-file with the path of a file that holds it, or"
                                + " FERMATA_CONTROL_PASSWORD)",
                        "control.password: a secret may not stand in flag --control.password (expected:"
                                + " control.password-file with the path of a file that holds it, or"
                                + " FERMATA_CONTROL_PASSWORD)");
    }

    @Test
    void aSecretThatMayBeMissingIsEmptyThenAndIsRefusedInTheOpenAllTheSame() {
        assertThat(problems(
                        in -> assertThat(in.optionalSecret("x.key").reveal()).isEmpty()))
                .isEmpty();
        environment.put("FERMATA_X_KEY", "s3cret");
        assertThat(problems(
                        in -> assertThat(in.optionalSecret("x.key").reveal()).isEqualTo("s3cret")))
                .isEmpty();
        flags.put("x.key", "s3cret");
        assertThat(problems(in -> in.optionalSecret("x.key")))
                .singleElement()
                .asString()
                .startsWith("x.key: a secret may not stand in flag");
    }

    @Test
    void theStrongerSourceOfASecretWins() throws IOException {
        yaml = "control: {password-file: " + secretFile("of the file", "rw-------") + "}\n";
        assertThat(read().control().password().reveal()).isEqualTo("s3cret");
        flags.put(
                "control.password-file", secretFile("of the flag", "rw-------").toString());
        assertThat(read().control().password().reveal()).isEqualTo("of the flag");
    }

    @Test
    void secretsAreNeverShown() {
        ConfigReader in = new ConfigReader(source());
        List<Setting> settings = new ArrayList<>();
        CommonConfig config = CommonConfig.read(new ConfigReader(source().observedBy(settings::add)), 1);
        CommonConfig.read(in, 1);
        assertThat(config.toString()).doesNotContain("s3cret").contains("***");
        assertThat(in.effective().toString()).doesNotContain("s3cret").contains("control.user=fermata");
        assertThat(settings.toString()).doesNotContain("s3cret");
        assertThat(settings)
                .contains(new Setting("control.startup-wait", "a duration such as 30s", "1m", "1m", "default"));
    }

    @Test
    void aTargetIsReadWithItsProbesAndLabelsAndTheEnvironmentMayOverrideIt() {
        yaml = """
            targets:
              shop-db:
                database: shop
                user: fermata
                role: owner
                environment: staging
                probes: {orders: select true}
                labels: {team: checkout}
            """;
        environment.put("FERMATA_TARGETS_SHOP_DB_PASSWORD", "pw");
        environment.put("FERMATA_TARGETS_SHOP_DB_HOST", "db.example.org");
        TargetConfig target = read().targets().get("shop-db");
        assertThat(target.jdbcUrl()).isEqualTo("jdbc:postgresql://db.example.org:5432/shop");
        assertThat(target.isProduction()).isFalse();
        assertThat(target.role()).isEqualTo("owner");
        assertThat(target.probes()).containsExactly(Map.entry("orders", "select true"));
        assertThat(target.labels()).containsExactly(Map.entry("team", "checkout"));
    }

    @Test
    void aFileThatIsNoMappingOrGivesAKeyTwiceSaysWhere() {
        yaml = "- a\n";
        assertThat(problems()).containsExactly(file() + ": not a mapping (expected: keys with values)");
        yaml = "kafka:\n  partitions: 1\n  partitions: 2\n";
        assertThat(problems())
                .singleElement()
                .asString()
                .startsWith(file() + ":3")
                .contains("not YAML");
        yaml = "kafka: [\n";
        assertThat(problems()).singleElement().asString().startsWith(file().toString());
        assertThatThrownBy(() -> ConfigSource.of(Optional.of(folder.resolve("none.yaml")), Map.of(), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none.yaml: cannot be read");
    }

    @Test
    void aDurationMayHaveAFloor() {
        flags.put("supervisor.silence", "0s");
        assertThat(problems(in -> in.owning("supervisor")
                        .duration("supervisor.silence", Duration.ofSeconds(15), Duration.ofSeconds(1))))
                .containsExactly("supervisor.silence: '0s' (expected: a duration of at least 1s, such as 30s; from flag"
                        + " --supervisor.silence)");
    }

    private CommonConfig read() {
        ConfigReader in = new ConfigReader(source());
        CommonConfig config = CommonConfig.read(in, 8080);
        in.finish();
        return config;
    }

    private List<String> problems() {
        return catchThrowableOfType(ConfigException.class, this::read).problems();
    }

    private List<String> problems(Consumer<ConfigReader> read) {
        ConfigReader in = new ConfigReader(source());
        read.accept(in);
        ConfigException refused = catchThrowableOfType(ConfigException.class, in::finish);
        return refused == null ? List.of() : refused.problems();
    }

    private Path file() {
        return folder.resolve("fermata.yaml");
    }

    private ConfigSource source() {
        try {
            Files.writeString(file(), yaml);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return ConfigSource.of(Optional.of(file()), environment, flags);
    }

    private Path secretFile(String content, String permissions) throws IOException {
        Path file = Files.createTempFile(folder, "secret", "");
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }
}
