package dev.fermata.conductor.http;

import dev.fermata.conductor.intake.RefusedException;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.order.Authorship;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/**
 * Who calls. Behind a proxy that authenticates, the configured header says so, and nothing the caller writes counts. Without
 * one, callers name themselves in the field {@code by}: fit for one machine, not for a network.
 */
final class Caller {
    private final String userHeader;

    Caller(String userHeader) {
        this.userHeader = userHeader;
    }

    private boolean isAuthenticated() {
        return !userHeader.isEmpty();
    }

    /** Whose idempotency keys are meant. */
    String principal(RoutingContext context) {
        return isAuthenticated() ? authenticated(context) : "anonymous";
    }

    Authorship authorship(RoutingContext context) {
        return isAuthenticated() ? Authorship.caller(authenticated(context)) : Authorship.document();
    }

    /** Who decides, cancels or amends. */
    Actor actor(RoutingContext context, JsonObject body) {
        if (isAuthenticated()) {
            return Actor.person(authenticated(context));
        }
        String by = body.getString("by", "");
        if (by.isBlank()) {
            throw new RefusedException(400, "missing-by", "/by: missing (expected: who decides, such as bob@example.org)");
        }
        return Actor.person(by);
    }

    private String authenticated(RoutingContext context) {
        String user = context.request().getHeader(userHeader);
        if (user == null || user.isBlank()) {
            throw new RefusedException(401, "not-authenticated", "header " + userHeader + ": missing; come through the proxy");
        }
        return user;
    }
}
