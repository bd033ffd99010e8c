package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.StepKind;
import java.util.List;
import java.util.Set;

/** A piece that runs as the author wrote it. */
final class AsWritten {
    private static final Set<String> REMOVES =
            Set.of("DropStmt", "RenameStmt", "AlterObjectSchemaStmt", "TruncateStmt");
    private static final Set<String> MOVES_DATA = Set.of(
            "InsertStmt",
            "UpdateStmt",
            "DeleteStmt",
            "MergeStmt",
            "VacuumStmt",
            "RefreshMatViewStmt",
            "ReindexStmt",
            "ClusterStmt",
            "SelectStmt",
            "DoStmt",
            "CallStmt");

    private AsWritten() {}

    static Draft draft(Scene scene, Undo undo) {
        String kind = scene.statement().kind();
        Phase phase =
                REMOVES.contains(kind) ? Phase.CONTRACT : MOVES_DATA.contains(kind) ? Phase.MIGRATE : Phase.EXPAND;
        String reason = scene.blocks() ? "as written: there is no way that does less" : "as written";
        Draft draft = scene.effects().runsInTransaction()
                ? Draft.transaction(phase, reason, undo, scene.piece().sql())
                : new Draft(
                        phase, StepKind.AUTOCOMMIT, List.of(scene.piece().sql()), true, reason, undo, List.of(), null);
        return scene.blocks() ? draft.blocking() : draft;
    }
}
