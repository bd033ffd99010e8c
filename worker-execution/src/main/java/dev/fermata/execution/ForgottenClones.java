package dev.fermata.execution;

import dev.fermata.execution.rehearsal.Clone;
import dev.fermata.execution.rehearsal.CloneProviders;
import dev.fermata.execution.rehearsal.CloneRefusedException;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what workers that crashed left behind beside the targets, when a worker starts. */
final class ForgottenClones {
    private static final Logger LOGGER = LoggerFactory.getLogger(ForgottenClones.class);

    private ForgottenClones() {}

    /** Returns at once; a target that cannot be reached now is looked at again when something is prepared on it. */
    static void sweepInBackground(Collection<TargetDatabase> targets, CloneProviders clones) {
        List<TargetDatabase> all = List.copyOf(targets);
        Thread.ofVirtual().name("forgotten-clones").start(() -> all.forEach(target -> sweep(target, clones)));
    }

    private static void sweep(TargetDatabase target, CloneProviders clones) {
        try {
            int removed = Clone.sweep(target, clones.elsewhere(target));
            if (removed > 0) {
                LOGGER.atInfo()
                        .addKeyValue("target", target.address().name())
                        .addKeyValue("removed", removed)
                        .log("forgotten clones removed");
            }
        } catch (TargetException | CloneRefusedException e) {
            LOGGER.atWarn()
                    .addKeyValue("target", target.address().name())
                    .addKeyValue("error", e.getMessage())
                    .log("forgotten clones not looked for");
        }
    }
}
