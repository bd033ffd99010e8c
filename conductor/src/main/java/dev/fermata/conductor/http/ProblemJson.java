package dev.fermata.conductor.http;

import dev.fermata.conductor.intake.RefusedException;
import dev.fermata.contracts.order.Problem;
import dev.fermata.runtime.http.Blocking;
import dev.fermata.runtime.store.ControlStoreException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Errors as {@code application/problem+json}; RFC 9457. */
final class ProblemJson {
    private static final Logger LOGGER = LoggerFactory.getLogger(ProblemJson.class);

    private ProblemJson() {}

    static void answer(RoutingContext context, Throwable failure) {
        switch (failure) {
            case RefusedException refused -> answer(context, refused);
            case Blocking.BusyException busy -> {
                context.response().putHeader("retry-after", "1");
                answer(context, 503, "busy", String.valueOf(busy.getMessage()), new JsonArray());
            }
            case ControlStoreException down when down.isOutage() -> {
                context.response().putHeader("retry-after", "2");
                answer(context, 503, "control-database-down", "the control database does not answer; try again", new JsonArray());
            }
            case HttpException http -> answer(context, http.getStatusCode(), code(http.getStatusCode()), reason(http), new JsonArray());
            default -> {
                LOGGER.atError().addKeyValue("path", context.normalizedPath()).setCause(failure).log("request failed");
                answer(context, 500, "internal", "something went wrong here; the log of the conductor says what", new JsonArray());
            }
        }
    }

    private static String reason(HttpException http) {
        return switch (http.getStatusCode()) {
            case 413 -> "the body is larger than 1 MiB";
            case 404 -> "there is nothing here; /openapi.json lists what there is";
            case 405 -> "this method is not offered here";
            default -> http.getPayload() == null ? "the request is not as it should be" : http.getPayload();
        };
    }

    private static String code(int status) {
        return switch (status) {
            case 404 -> "not-found";
            case 405 -> "method-not-allowed";
            case 413 -> "payload-too-large";
            case 415 -> "unsupported-media-type";
            default -> "bad-request";
        };
    }

    private static void answer(RoutingContext context, RefusedException refused) {
        JsonArray errors = new JsonArray();
        for (Problem problem : refused.problems()) {
            errors.add(new JsonObject()
                    .put("code", problem.code())
                    .put("message", problem.message())
                    .put("line", problem.line())
                    .put("column", problem.column())
                    .put("pointer", problem.pointer()));
        }
        answer(context, refused.status(), refused.code(), String.valueOf(refused.getMessage()), errors);
    }

    private static void answer(RoutingContext context, int status, String code, String detail, JsonArray errors) {
        if (context.response().ended()) {
            return;
        }
        JsonObject body = new JsonObject()
                .put("type", "urn:fermata:problem:" + code)
                .put("title", code.replace('-', ' '))
                .put("status", status)
                .put("code", code)
                .put("detail", detail)
                .put("instance", context.normalizedPath());
        if (!errors.isEmpty()) {
            body.put("errors", errors);
        }
        context.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/problem+json")
                .end(body.encode());
    }
}
