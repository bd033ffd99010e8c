package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.analysis.AnalysisConfig;
import dev.fermata.conductor.ConductorConfig;
import dev.fermata.contracts.json.Json;
import dev.fermata.execution.ExecutionConfig;
import dev.fermata.runtime.config.ConfigException;
import dev.fermata.runtime.config.ConfigReader;
import dev.fermata.runtime.config.ConfigSource;
import dev.fermata.supervisor.SupervisorConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fermata doctor}: what is not as it should be, seen from here. */
@Command(
        name = "doctor",
        description = "Looks at Java, the settings, the conductor, the clock and the targets, and says what is wrong.",
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);
    private static final int OLDEST_JAVA = 21;

    /** Every reader of settings; each checks its own section and what all share. */
    private static final List<Consumer<ConfigSource>> READERS =
            List.of(ConductorConfig::read, SupervisorConfig::read, AnalysisConfig::read, ExecutionConfig::read);

    @Mixin
    private ClientOptions client = new ClientOptions();

    @Mixin
    private OutputOption output = new OutputOption();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    public DoctorCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        List<Check> checks = new ArrayList<>();
        checks.add(java());
        checks.addAll(settings());
        checks.addAll(conductor());
        output.list(
                spec.commandLine().getOut(),
                checks.stream().map(Check::json).toList(),
                check -> check.path("check").asText(),
                () -> Check.page(checks));
        return (Check.allWell(checks) ? ExitCode.DONE : ExitCode.ERROR).code();
    }

    private static Check java() {
        int feature = Runtime.version().feature();
        return feature >= OLDEST_JAVA
                ? Check.well("java", Runtime.version() + " at " + System.getProperty("java.home"))
                : Check.wrong(
                        "java",
                        Runtime.version() + " (expected: " + OLDEST_JAVA + " or newer)",
                        "export FERMATA_JAVA_HOME=...");
    }

    private List<Check> settings() {
        Optional<Path> file = client.settings().find();
        if (file.isEmpty()) {
            return List.of(Check.well("settings", "no fermata.yaml here; defaults and environment"));
        }
        Set<String> problems = new LinkedHashSet<>();
        try {
            ConfigSource source = client.settings().source();
            if (isForServices(source)) {
                READERS.forEach(reader -> collect(reader, source, problems));
            }
        } catch (ConfigException e) {
            problems.addAll(e.problems());
        }
        if (problems.isEmpty()) {
            return List.of(Check.well("settings", file.get() + " is as it should be"));
        }
        return problems.stream()
                .map(problem -> Check.wrong("settings", problem, null))
                .toList();
    }

    /** A file with nothing but the client's section needs no passwords. */
    private static boolean isForServices(ConfigSource source) {
        ConfigReader reader = new ConfigReader(source);
        return List.of(
                        "kafka",
                        "control",
                        "http",
                        "targets",
                        "conductor",
                        "supervisor",
                        "worker-analysis",
                        "worker-execution")
                .stream()
                .anyMatch(section -> !reader.names(section).isEmpty());
    }

    private static void collect(Consumer<ConfigSource> reader, ConfigSource source, Set<String> problems) {
        try {
            reader.accept(source);
        } catch (ConfigException e) {
            problems.addAll(e.problems());
        }
    }

    private List<Check> conductor() throws InterruptedException {
        Conductor conductor = client.conductor();
        ConductorUrl url = conductor.url();
        HttpResponse<String> ready;
        try {
            ready = ask(url, "/health/ready");
        } catch (IOException e) {
            return List.of(Check.wrong(
                    "conductor",
                    url.uri() + " (from " + url.origin() + ") does not answer: " + e.getMessage(),
                    "fermata up"));
        }
        List<Check> checks = new ArrayList<>();
        checks.add(Check.well("conductor", url.uri() + " (from " + url.origin() + ") answers"));
        checks.add(readiness(ready));
        checks.add(clock(url));
        try {
            List<String> targets = conductor.pages("/v1/targets", Integer.MAX_VALUE).stream()
                    .map(target -> target.path("name").asText())
                    .toList();
            checks.add(
                    targets.isEmpty()
                            ? Check.wrong(
                                    "targets",
                                    "the conductor knows none (expected: a section targets in its settings)",
                                    null)
                            : Check.well("targets", String.join(", ", targets)));
        } catch (CliException e) {
            checks.add(Check.wrong("targets", String.valueOf(e.getMessage()), e.next()));
        }
        return checks;
    }

    private static HttpResponse<String> ask(ConductorUrl url, String path) throws IOException, InterruptedException {
        HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
        return http.send(
                HttpRequest.newBuilder(URI.create(url.uri() + path))
                        .timeout(PATIENCE)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static Check readiness(HttpResponse<String> response) {
        if (response.statusCode() == 200) {
            return Check.well("ready", "control database and broker answer it");
        }
        List<String> down = new ArrayList<>();
        try {
            for (JsonNode check : Json.mapper().readTree(response.body()).path("checks")) {
                if (!check.path("status").asText().equals("UP")) {
                    down.add(check.path("name").asText() + ": "
                            + check.path("data").path("problem").asText());
                }
            }
        } catch (IOException e) {
            down.add("status " + response.statusCode() + ", and no answer that a conductor gives");
        }
        return Check.wrong("ready", String.join("; ", down), null);
    }

    /** The header Date is exact to the second. */
    private static Check clock(ConductorUrl url) throws InterruptedException {
        try {
            String date = ask(url, "/openapi.json").headers().firstValue("date").orElse("");
            Instant there = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration apart = Duration.between(there, Instant.now()).abs();
            return apart.compareTo(CLOCK_TOLERANCE) <= 0
                    ? Check.well("clock", "agrees with the conductor's")
                    : Check.wrong(
                            "clock",
                            "the conductor's clock is " + Times.took(apart) + " away from this one",
                            "timedatectl status");
        } catch (DateTimeException | IOException e) {
            return Check.well("clock", "the conductor does not tell the time");
        }
    }
}
