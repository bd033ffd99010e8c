package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Inverse;
import java.util.List;

/** ALTER TYPE ... ADD VALUE and RENAME VALUE. */
final class EnumValue {
    private EnumValue() {}

    static Undo undo(Scene scene) {
        JsonNode node = scene.statement().node();
        List<String> parts = Sql.strings(node.path("typeName"));
        String type = parts.size() == 1
                ? "public." + Sql.quote(parts.get(0))
                : Sql.quote(parts.get(0)) + "." + Sql.quote(parts.get(1));
        String old = node.path("oldVal").asText("");
        String made = node.path("newVal").asText("");
        if (!old.isEmpty()) {
            return Undo.by("ALTER TYPE " + type + " RENAME VALUE " + Sql.literal(made) + " TO " + Sql.literal(old));
        }
        return scene.known() && scene.diff().isEmpty()
                ? Undo.by()
                : new Undo.Possible(new Inverse(
                        List.of(),
                        true,
                        "the value " + Sql.literal(made) + " of type " + type
                                + " stays, as PostgreSQL cannot take one away",
                        List.of("type " + type)));
    }
}
