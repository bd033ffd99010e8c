package dev.fermata.runtime.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code /health/live} answers as long as the event loop turns; {@code /health/ready} asks the checks; {@code /metrics} is
 * in the Prometheus text format.
 */
public final class HealthRoutes {
    /** Less than the second or two after which those who ask give up. */
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    private HealthRoutes() {}

    /** One thing that must be well for the service to do its work. Asked on a virtual thread; may block for a while. */
    public interface Check {
        String name();

        /** Empty when well, otherwise what is wrong, for people. */
        Optional<String> problem();
    }

    public static void mount(Vertx vertx, Router router, PrometheusMeterRegistry meters, List<Check> checks) {
        router.get("/health/live").handler(context -> answer(context, 200, new JsonObject().put("status", "UP")));
        router.get("/health/ready").handler(context -> ask(vertx, checks)
                .onSuccess(body -> answer(context, body.getString("status").equals("UP") ? 200 : 503, body))
                .onFailure(context::fail));
        router.get("/metrics").handler(context -> context.response()
                .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
                .end(meters.scrape()));
    }

    /** All at once; one that has not answered in time is down. */
    private static Future<JsonObject> ask(Vertx vertx, List<Check> checks) {
        List<Future<Optional<String>>> answers =
                checks.stream().map(check -> ask(vertx, check)).toList();
        return Future.all(answers).map(all -> {
            JsonArray results = new JsonArray();
            boolean well = true;
            for (int i = 0; i < checks.size(); i++) {
                Optional<String> problem = answers.get(i).result();
                well &= problem.isEmpty();
                results.add(result(checks.get(i), problem));
            }
            return new JsonObject().put("status", well ? "UP" : "DOWN").put("checks", results);
        });
    }

    private static Future<Optional<String>> ask(Vertx vertx, Check check) {
        Promise<Optional<String>> answer = Promise.promise();
        var context = vertx.getOrCreateContext();
        long deadline = vertx.setTimer(
                PATIENCE.toMillis(),
                timer -> answer.tryComplete(Optional.of("no answer within " + PATIENCE.toMillis() + " ms")));
        Thread.ofVirtual().name("readiness").start(() -> {
            Optional<String> problem = problem(check);
            context.runOnContext(nothing -> {
                vertx.cancelTimer(deadline);
                answer.tryComplete(problem);
            });
        });
        return answer.future();
    }

    private static Optional<String> problem(Check check) {
        try {
            return check.problem();
        } catch (RuntimeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static JsonObject result(Check check, Optional<String> problem) {
        JsonObject result = new JsonObject().put("name", check.name()).put("status", problem.isEmpty() ? "UP" : "DOWN");
        problem.ifPresent(text -> result.put("data", new JsonObject().put("problem", text)));
        return result;
    }

    private static void answer(RoutingContext context, int status, JsonObject body) {
        context.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .end(body.encode());
    }
}
