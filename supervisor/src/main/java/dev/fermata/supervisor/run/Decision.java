package dev.fermata.supervisor.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What should become of a run.
 *
 * @param ignored why the event changes nothing, null when it does
 */
public record Decision(
        Run next, List<Effect> effects, @Nullable String ignored) {
    public Decision {
        effects = List.copyOf(effects);
    }

    static Decision ignore(Run run, String why) {
        return new Decision(run, List.of(), why);
    }
}
