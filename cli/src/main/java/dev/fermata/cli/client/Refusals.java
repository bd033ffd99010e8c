package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Problem documents of the conductor as errors of the command. */
final class Refusals {
    private Refusals() {}

    static CliException of(int status, JsonNode problem) {
        String code = problem.path("code").asText("status-" + status);
        String detail = problem.path("detail").asText("the conductor answered with status " + status);
        List<String> why = new ArrayList<>();
        for (JsonNode error : problem.path("errors")) {
            String message = error.path("message").asText();
            if (!message.equals(detail)) {
                why.add(message);
            }
        }
        String what = why.isEmpty() ? detail : detail.lines().findFirst().orElse(detail);
        return new CliException(exit(status, code), code, what, why, next(code));
    }

    private static ExitCode exit(int status, String code) {
        if (code.equals("idempotency-mismatch")) {
            return ExitCode.CONFLICT;
        }
        return switch (status) {
            case 404 -> ExitCode.NOT_FOUND;
            case 401, 403 -> ExitCode.NOT_ALLOWED;
            case 409, 412, 428 -> ExitCode.CONFLICT;
            default -> ExitCode.ERROR;
        };
    }

    private static @Nullable String next(String code) {
        return switch (code) {
            case "not-found" -> "fermata wo list";
            case "not-yet" -> "fermata wo wait ID --for planned";
            case "plan-changed" -> "fermata wo plan ID";
            case "not-pending", "self-approval" -> "fermata wo show ID";
            case "unknown-target", "which-target" -> "fermata target list";
            case "control-database-down", "busy", "internal" -> "fermata doctor";
            case "idempotency-mismatch" -> "fermata wo list";
            default -> null;
        };
    }

    /** The same error with the order's id where the command to run next needs one. */
    static CliException about(String id, CliException e) {
        String next = e.next();
        return next == null || !next.contains("ID")
                ? e
                : new CliException(e.exit(), e.code(), String.valueOf(e.getMessage()), e.why(), next.replace("ID", id));
    }
}
