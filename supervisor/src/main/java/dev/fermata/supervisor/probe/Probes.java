package dev.fermata.supervisor.probe;

import dev.fermata.contracts.order.WorkOrder.Probe;
import dev.fermata.runtime.config.TargetConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one application. SQL probes run read-only on the target with a statement timeout; HTTP probes only on this
 * machine's loopback or on hosts that the operator allowed. What is told of a failure is the probe's name, SQLSTATE or
 * status, and time: never data of the application.
 */
public final class Probes {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(3))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** Every problem found, in the order of the probes; empty when the application is well. Blocks. */
    public List<String> look(TargetConfig target, List<Probe> ofOrder) throws InterruptedException {
        List<Probe> probes = new ArrayList<>(ofOrder);
        target.probes().forEach((name, sql) -> probes.add(new Probe(name, sql, null, null, null)));
        List<String> problems = new ArrayList<>();
        for (Probe probe : probes) {
            look(target, probe).ifPresent(problem -> problems.add("probe '" + probe.name() + "' " + problem));
        }
        return problems;
    }

    private Optional<String> look(TargetConfig target, Probe probe) throws InterruptedException {
        long begin = System.nanoTime();
        Optional<String> problem = ask(target, probe);
        long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        Long limit = probe.maxMillis();
        if (problem.isEmpty() && limit != null && millis > limit) {
            return Optional.of("took " + millis + " ms (limit " + limit + " ms)");
        }
        return problem;
    }

    private Optional<String> ask(TargetConfig target, Probe probe) throws InterruptedException {
        String sql = probe.sql();
        String url = probe.http();
        if (sql != null) {
            return askSql(target, sql);
        }
        if (url != null) {
            return askHttp(url);
        }
        return Optional.of("is a PromQL probe, which this version cannot ask");
    }

    private static Optional<String> askSql(TargetConfig target, String sql) {
        Properties properties = new Properties();
        properties.setProperty("user", target.user());
        properties.setProperty("password", target.password().reveal());
        properties.setProperty("ApplicationName", "fermata-probe");
        properties.setProperty("connectTimeout", "3");
        properties.setProperty("socketTimeout", Long.toString(LONGEST.toSeconds() + 2));
        properties.setProperty("options", "-c default_transaction_read_only=on -c statement_timeout=" + LONGEST.toMillis());
        try (Connection connection = DriverManager.getConnection(target.jdbcUrl(), properties);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                return Optional.of("returned no row");
            }
            Object first = row.getObject(1);
            return Boolean.FALSE.equals(first) ? Optional.of("returned false") : Optional.empty();
        } catch (SQLException e) {
            return Optional.of("failed with SQLSTATE " + e.getSQLState());
        }
    }

    private Optional<String> askHttp(String url) throws InterruptedException {
        URI uri = uri(url);
        if (uri == null) {
            return Optional.of("has no http(s) URL");
        }
        try {
            int status = http.send(
                            HttpRequest.newBuilder(uri).timeout(LONGEST).GET().build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            return status / 100 == 2 ? Optional.empty() : Optional.of("answered with status " + status);
        } catch (IOException e) {
            return Optional.of("did not answer (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static @Nullable URI uri(String url) {
        try {
            URI uri = URI.create(url);
            return "http".equals(uri.getScheme()) || "https".equals(uri.getScheme()) ? uri : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
