package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was looked at.
 *
 * @param found what is the case, for people
 * @param fix command or SQL that makes it well, null where it is well or nothing of ours helps
 */
record Check(
        String name, boolean well, String found, @Nullable String fix) {

    static Check well(String name, String found) {
        return new Check(name, true, found, null);
    }

    static Check wrong(String name, String found, @Nullable String fix) {
        return new Check(name, false, found, fix);
    }

    static boolean allWell(List<Check> checks) {
        return checks.stream().allMatch(Check::well);
    }

    JsonNode json() {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("check", name);
        json.put("ok", well);
        json.put("found", found);
        if (fix != null) {
            json.put("fix", fix);
        }
        return json;
    }

    /** The checks, and below them what makes well those that are not. */
    static String page(List<Check> checks) {
        Table table = new Table("CHECK", "RESULT", "FOUND");
        StringBuilder fixes = new StringBuilder();
        for (Check check : checks) {
            table.row(check.name, check.well ? "ok" : "PROBLEM", check.found);
            if (check.fix != null) {
                fixes.append("\n  ").append(Plain.line(check.fix));
            }
        }
        return fixes.isEmpty() ? table.toString() : table + "\n\nto fix:" + fixes;
    }
}
