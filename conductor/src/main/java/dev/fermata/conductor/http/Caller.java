package dev.fermata.conductor.http;

import dev.fermata.conductor.intake.RefusedException;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.order.Authorship;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * Who calls. Behind a proxy that authenticates, the configured header says so, and nothing the caller writes counts. Without
 * one, callers name themselves in the field {@code by}: fit for one machine, not for a network.
 */
final class Caller {
    private static final int LONGEST_NAME = 200;

    private final String userHeader;

    /** @param userHeader empty where there is no such proxy */
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

    /** Of an amendment: where nobody is authenticated, who amends counts as the author unless the document names one. */
    Authorship authorship(RoutingContext context, Actor by) {
        return isAuthenticated() ? authorship(context) : Authorship.documentOr(by.name());
    }

    /** Who decides, cancels or amends; {@code by} is what the caller wrote. */
    Actor actor(RoutingContext context, Optional<String> by) {
        if (isAuthenticated()) {
            return Actor.person(authenticated(context));
        }
        String name = by.orElseThrow(() -> RefusedException.field(
                400, "missing-by", "/by", "missing (expected: who says this, such as bob@example.org)"));
        if (name.length() > LONGEST_NAME
                || name.startsWith("policy:")
                || name.lines().count() != 1) {
            throw RefusedException.field(
                    400,
                    "bad-by",
                    "/by",
                    "'" + name + "' (expected: the name of a person, at most " + LONGEST_NAME + " characters)");
        }
        return Actor.person(name);
    }

    private String authenticated(RoutingContext context) {
        String user = context.request().getHeader(userHeader);
        if (user == null || user.isBlank()) {
            throw new RefusedException(
                    401, "not-authenticated", "header " + userHeader + ": missing; come through the proxy");
        }
        return user.strip();
    }
}
