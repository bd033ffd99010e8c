package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;

/**
 * What in an expression may answer otherwise when it is asked again. A conversion that calls such a function is no longer
 * what it was when it is compared, and one that does something besides must not do it twice.
 */
final class Unsteady {
    private Unsteady() {}

    /**
     * The first one, by its name.
     *
     * @param expression parsed; a missing node for none
     * @param functions that are not steady
     */
    static Optional<String> in(JsonNode expression, Set<String> functions) {
        JsonNode names = expression.path("FuncCall").path("funcname");
        String name = names.path(names.size() - 1).path("String").path("sval").asText("");
        if (functions.contains(name)) {
            return Optional.of(name);
        }
        JsonNode word = expression.path("SQLValueFunction").path("op");
        if (!word.isMissingNode()) {
            return Optional.of(word.asText().replaceFirst("^SVFOP_", ""));
        }
        for (JsonNode part : expression) {
            Optional<String> found = in(part, functions);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }
}
