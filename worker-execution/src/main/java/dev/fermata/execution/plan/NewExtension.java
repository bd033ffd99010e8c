package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Unit;
import java.util.List;
import java.util.stream.Stream;

/** CREATE EXTENSION: what rests in the attic after a rollback may need it, and then it stays. */
final class NewExtension {
    private NewExtension() {}

    static Draft draft(Scene scene) {
        JsonNode node = scene.statement().node();
        String name = node.path("extname").asText();
        boolean made = scene.diff().added().containsKey("extension " + Sql.quote(name));
        if (!made || !scene.end().neededExtensions().contains(name)) {
            return AsWritten.draft(scene, Reversal.of(scene));
        }
        Draft written = AsWritten.draft(scene, back(name, scene));
        return node.path("if_not_exists").asBoolean()
                ? written
                : AsWritten.ifNotExists(written, "as it may stay after a rollback", "CREATE", "EXTENSION");
    }

    private static Undo back(String name, Scene scene) {
        String quoted = Sql.quote(name);
        List<String> leaves = Stream.of("extension " + quoted, "comment on extension " + quoted)
                .filter(identity -> scene.diff().added().containsKey(identity))
                .toList();
        return new Undo.Possible(new Inverse(
                List.of(Unit.transaction("DO $fermata$ BEGIN DROP EXTENSION IF EXISTS " + quoted
                        + "; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $fermata$")),
                true,
                "extension " + quoted + " stays until what needs it is gone from the attic",
                leaves));
    }
}
