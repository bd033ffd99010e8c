package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;

/** A plan as programs read it: flat, with the strongest lock and the SQL of the way back named directly. */
final class PlanJson {
    private PlanJson() {}

    static ObjectNode of(JsonNode plan, String digest) {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("digest", digest);
        json.set("strategy", plan.path("strategy"));
        ArrayNode steps = json.putArray("steps");
        plan.path("steps").forEach(step -> steps.add(step(step)));
        if (plan.hasNonNull("contractFrom")) {
            json.set("contractFrom", plan.path("contractFrom"));
        }
        json.set("rollback", plan.path("rollback"));
        json.set("redFlags", plan.path("redFlags"));
        return json;
    }

    private static ObjectNode step(JsonNode step) {
        ObjectNode json = Json.mapper().createObjectNode();
        for (String field : new String[] {"no", "phase", "kind", "sql"}) {
            json.set(field, step.path(field));
        }
        JsonNode strongest = step.path("locks").path(0).path("mode");
        json.put("lock", strongest.isMissingNode() ? null : strongest.asText());
        for (String field : new String[] {"locks", "online", "reason", "origin"}) {
            json.set(field, step.path(field));
        }
        JsonNode inverse = step.path("inverse");
        if (inverse.isObject()) {
            ObjectNode back = json.putObject("inverse");
            ArrayNode sql = back.putArray("sql");
            inverse.path("units").forEach(unit -> unit.path("sql").forEach(sql::add));
            back.set("lossless", inverse.path("lossless"));
            if (inverse.hasNonNull("note")) {
                back.set("note", inverse.path("note"));
            }
            back.set("units", inverse.path("units"));
        } else {
            json.putNull("inverse");
        }
        json.set("verify", step.path("verify"));
        if (step.hasNonNull("batching")) {
            json.set("batching", step.path("batching"));
        }
        return json;
    }
}
