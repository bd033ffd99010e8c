package dev.fermata.analysis.report;

import dev.fermata.analysis.estimate.Calibration;
import dev.fermata.postgres.preflight.Answer;
import java.util.List;
import java.util.Map;

/**
 * What was found out on the target for one change, besides what is true of the target at large.
 *
 * @param calibration from earlier orders
 * @param changedRows that the planner expects of statements that change data, by their index
 * @param answers of the preflight
 */
public record Evidence(Calibration calibration, Map<Integer, Long> changedRows, List<Answer> answers) {
    /** Nothing was looked at. */
    public static final Evidence NONE = new Evidence(Calibration.NONE, Map.of(), List.of());

    public Evidence {
        changedRows = Map.copyOf(changedRows);
        answers = List.copyOf(answers);
    }
}
