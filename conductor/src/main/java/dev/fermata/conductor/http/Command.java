package dev.fermata.conductor.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.conductor.intake.RefusedException;
import dev.fermata.contracts.Nearest;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The JSON body of a command, such as {@code {"by": "bob@example.org", "reason": "wrong table"}}. */
final class Command {
    static final int LONGEST_TEXT = 4096;

    private final ObjectNode body;

    private Command(ObjectNode body) {
        this.body = body;
    }

    /** @throws RefusedException when it is no JSON object, or holds a field that is not known here */
    static Command parse(byte[] bytes, Set<String> known) {
        try {
            JsonNode parsed = bytes.length == 0
                    ? Json.mapper().createObjectNode()
                    : Json.mapper().readTree(bytes);
            if (parsed instanceof ObjectNode object) {
                object.fieldNames().forEachRemaining(name -> checkKnown(name, known));
                return new Command(object);
            }
        } catch (JacksonException e) {
            String at = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new RefusedException(400, "not-json", "the body is not JSON" + at + " (expected: an object)");
        } catch (IOException e) {
            throw new RefusedException(400, "not-json", "the body cannot be read as JSON");
        }
        throw new RefusedException(
                400, "not-json", "the body is not a JSON object (expected: such as {\"by\": \"...\"})");
    }

    private static void checkKnown(String name, Set<String> known) {
        if (!known.contains(name)) {
            Set<String> sorted = new TreeSet<>(known);
            String hint = Nearest.of(name, sorted)
                    .map(near -> "did you mean '" + near + "'?")
                    .orElse("expected: " + String.join(", ", sorted));
            throw RefusedException.field(400, "unknown-key", "/" + name, "unknown key (" + hint + ")");
        }
    }

    /** Empty where it is missing or blank. */
    Optional<String> text(String name) {
        JsonNode value = body.get(name);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw RefusedException.field(400, "wrong-type", "/" + name, "not a text (expected: a text in quotes)");
        }
        String text = value.asText().strip();
        if (text.length() > LONGEST_TEXT || !isPlain(text)) {
            throw RefusedException.field(
                    400,
                    "bad-text",
                    "/" + name,
                    text.length() + " characters (expected: at most " + LONGEST_TEXT + ", without control characters)");
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    /** Empty where it is missing. */
    Optional<Integer> percent(String name) {
        JsonNode value = body.get(name);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.canConvertToInt() || value.asInt() < 1 || value.asInt() > 100) {
            throw RefusedException.field(
                    400, "wrong-number", "/" + name, "'" + value + "' (expected: a number from 1 to 100)");
        }
        return Optional.of(value.asInt());
    }

    /** @param what is expected, for people */
    String required(String name, String what) {
        return text(name)
                .orElseThrow(() ->
                        RefusedException.field(400, "missing-" + name, "/" + name, "missing (expected: " + what + ")"));
    }

    private static boolean isPlain(String text) {
        return text.codePoints()
                .allMatch(c -> c == '\n'
                        || c == '\t'
                        || (!Character.isISOControl(c) && Character.getType(c) != Character.SURROGATE));
    }
}
