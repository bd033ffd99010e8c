package dev.fermata.execution.plan;

import dev.fermata.postgres.targets.SafeMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The schema before the first piece of a change and after each: what an empty copy of the target's schema looked like when
 * the pieces ran there as they are written.
 *
 * @param stages one more than pieces; fewer where a piece failed
 * @param failure what the server said of the piece after the last stage, null when all went well
 */
public record Stages(List<Stage> stages, @Nullable SafeMessage failure) {
    public Stages {
        stages = List.copyOf(stages);
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("stages: none (expected: at least the one before the first piece)");
        }
    }

    Stage before(int piece) {
        return stages.get(Math.min(piece, stages.size() - 1));
    }

    /** Whether it is known what the piece does to the schema. */
    boolean knows(int piece) {
        return piece + 1 < stages.size();
    }

    /** After the whole change, as far as it is known. */
    Stage end() {
        return stages.getLast();
    }

    Stage after(int piece) {
        return stages.get(Math.min(piece + 1, stages.size() - 1));
    }
}
