package dev.fermata.runtime.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/**
 * {@code /health/live} answers as long as the event loop turns; {@code /health/ready} asks the checks; {@code /metrics} is
 * in the Prometheus text format.
 */
public final class HealthRoutes {
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

    private static Future<JsonObject> ask(Vertx vertx, List<Check> checks) {
        Promise<JsonObject> answer = Promise.promise();
        var context = vertx.getOrCreateContext();
        Thread.ofVirtual().name("readiness").start(() -> {
            JsonArray results = new JsonArray();
            boolean well = true;
            for (Check check : checks) {
                var problem = check.problem();
                well &= problem.isEmpty();
                JsonObject result =
                        new JsonObject().put("name", check.name()).put("status", problem.isEmpty() ? "UP" : "DOWN");
                problem.ifPresent(text -> result.put("data", new JsonObject().put("problem", text)));
                results.add(result);
            }
            JsonObject body = new JsonObject().put("status", well ? "UP" : "DOWN").put("checks", results);
            context.runOnContext(nothing -> answer.complete(body));
        });
        return answer.future();
    }

    private static void answer(RoutingContext context, int status, JsonObject body) {
        context.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .end(body.encode());
    }
}
