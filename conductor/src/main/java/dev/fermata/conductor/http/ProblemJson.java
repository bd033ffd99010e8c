package dev.fermata.conductor.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.conductor.intake.RefusedException;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.order.Problem;
import dev.fermata.runtime.http.Blocking;
import dev.fermata.runtime.store.ControlStoreException;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Errors as {@code application/problem+json}; RFC 9457. */
final class ProblemJson {
    private static final Logger LOGGER = LoggerFactory.getLogger(ProblemJson.class);

    private ProblemJson() {}

    static void answer(RoutingContext context, Throwable failure) {
        switch (failure) {
            case RefusedException refused ->
                answer(
                        context,
                        refused.status(),
                        refused.code(),
                        String.valueOf(refused.getMessage()),
                        refused.problems());
            case Blocking.BusyException busy -> {
                context.response().putHeader("retry-after", "1");
                answer(context, 503, "busy", String.valueOf(busy.getMessage()), List.of());
            }
            case ControlStoreException down
            when down.isOutage() -> {
                context.response().putHeader("retry-after", "2");
                answer(
                        context,
                        503,
                        "control-database-down",
                        "the control database does not answer; try again",
                        List.of());
            }
            case HttpException http ->
                answer(context, http.getStatusCode(), code(http.getStatusCode()), reason(http), List.of());
            default -> {
                LOGGER.atError()
                        .addKeyValue("path", context.request().path())
                        .setCause(failure)
                        .log("request failed");
                answer(
                        context,
                        500,
                        "internal",
                        "something went wrong here; the log of the conductor says what",
                        List.of());
            }
        }
    }

    private static String reason(HttpException http) {
        return switch (http.getStatusCode()) {
            case 413 -> "the body is larger than 1 MiB";
            case 404 -> "there is nothing here; /openapi.json lists what there is";
            case 405 -> "this method is not offered here; the header Allow names those that are";
            default -> http.getPayload() == null ? "the request is not as it should be" : http.getPayload();
        };
    }

    private static String code(int status) {
        return switch (status) {
            case 404 -> "not-found";
            case 405 -> "method-not-allowed";
            case 413 -> "payload-too-large";
            default -> "bad-request";
        };
    }

    private static void answer(RoutingContext context, int status, String code, String detail, List<Problem> problems) {
        if (context.response().headWritten()) {
            context.response().reset();
            return;
        }
        ObjectNode body = Json.mapper().createObjectNode();
        body.put("type", "urn:fermata:problem:" + code);
        body.put("title", code.replace('-', ' '));
        body.put("status", status);
        body.put("code", code);
        body.put("detail", detail);
        body.put("instance", context.request().path());
        for (Problem problem : problems) {
            ObjectNode error = body.withArray("errors").addObject();
            error.put("code", problem.code());
            error.put("message", problem.message());
            if (problem.line() > 0) {
                error.put("line", problem.line());
                error.put("column", problem.column());
            }
            error.put("pointer", problem.pointer());
        }
        context.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/problem+json")
                .end(body.toString());
    }
}
