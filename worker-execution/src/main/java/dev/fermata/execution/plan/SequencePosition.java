package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.tree.Expressions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Statements that move a sequence: setval, ALTER SEQUENCE ... RESTART, ALTER COLUMN ... RESTART. It stays where they and the
 * application have brought it, as where it was may be among the values that were given out since.
 */
final class SequencePosition {
    private SequencePosition() {}

    /** The same, which says so where the statement moves one. */
    static Undo stays(Scene scene, Undo undo) {
        Set<String> moved = moved(scene);
        if (moved.isEmpty() || !(undo instanceof Undo.Possible possible)) {
            return undo;
        }
        Inverse inverse = possible.inverse();
        List<String> leaves = new ArrayList<>(inverse.leaves());
        leaves.addAll(moved);
        String note = "the position of " + String.join(", ", moved) + " stays where it is then";
        return new Undo.Possible(
                inverse.lossless()
                        ? new Inverse(inverse.units(), true, note, leaves)
                        : new Inverse(inverse.units(), false, inverse.note() + "; " + note, leaves));
    }

    private static Set<String> moved(Scene scene) {
        JsonNode node = scene.statement().node();
        Set<String> moved = new LinkedHashSet<>();
        switch (scene.statement().kind()) {
            case "SelectStmt" ->
                Expressions.each(node, (kind, inner) -> {
                    if (kind.equals("FuncCall")
                            && Sql.strings(inner.path("funcname")).getLast().equals("setval")) {
                        moved.add(named(inner.path("args").path(0)));
                    }
                });
            case "AlterSeqStmt" -> {
                if (restarts(node.path("options"))) {
                    moved.add("sequence "
                            + Sql.relation(node.path("sequence"), scene).sql());
                }
            }
            case "AlterTableStmt" -> {
                QualifiedName table = Sql.relation(node.path("relation"), scene);
                node.path("cmds").forEach(each -> {
                    JsonNode command = each.path("AlterTableCmd");
                    if (command.path("subtype").asText().equals("AT_SetIdentity")
                            && restarts(command.path("def").path("List").path("items"))) {
                        moved.add("the identity of " + table.sql() + "."
                                + Sql.quote(command.path("name").asText()));
                    }
                });
            }
            default -> {}
        }
        return moved;
    }

    private static boolean restarts(JsonNode options) {
        for (JsonNode option : options) {
            if (option.path("DefElem").path("defname").asText().equals("restart")) {
                return true;
            }
        }
        return false;
    }

    /** A name is a constant mostly, with or without a cast. */
    private static String named(JsonNode argument) {
        JsonNode constant = argument.has("TypeCast") ? argument.path("TypeCast").path("arg") : argument;
        String text = constant.path("A_Const").path("sval").path("sval").asText("");
        return text.isEmpty() ? "the sequence" : "sequence " + text;
    }
}
