package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Inverse;
import java.util.List;

/** ALTER TYPE ... ADD VALUE and RENAME VALUE. */
final class EnumValue {
    private EnumValue() {}

    /** A value stays after a rollback; going forward once more finds it there. */
    static Draft draft(Scene scene) {
        Draft written = AsWritten.draft(scene, undo(scene));
        JsonNode node = scene.statement().node();
        boolean adds = node.path("oldVal").asText("").isEmpty();
        return !adds || node.path("skipIfNewValExists").asBoolean()
                ? written
                : AsWritten.ifNotExists(written, "as the value stays after a rollback", "ADD", "VALUE");
    }

    private static Undo undo(Scene scene) {
        JsonNode node = scene.statement().node();
        List<String> parts = Sql.strings(node.path("typeName"));
        String type = scene.namedType(parts.size() == 1 ? "" : parts.get(0), parts.getLast())
                .sql();
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
