package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.postgres.parser.Token;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

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

    /**
     * The same with IF NOT EXISTS behind those words, as what it makes may be there when it goes forward once more.
     *
     * @param first keyword, in capitals, that stands right before the second
     */
    static Draft ifNotExists(Draft written, String why, String first, String second) {
        String sql = written.sql().getFirst();
        List<Token> tokens = Token.of(sql);
        int end = IntStream.range(1, tokens.size())
                .filter(i -> tokens.get(i - 1).isWord(first) && tokens.get(i).isWord(second))
                .map(i -> tokens.get(i).end())
                .findFirst()
                .orElseThrow();
        return new Draft(
                written.phase(),
                written.kind(),
                List.of(sql.substring(0, end) + " IF NOT EXISTS" + sql.substring(end)),
                written.online(),
                "as written; IF NOT EXISTS, " + why,
                written.undo(),
                written.verify(),
                written.batching());
    }
}
