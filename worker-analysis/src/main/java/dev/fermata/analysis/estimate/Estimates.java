package dev.fermata.analysis.estimate;

import dev.fermata.analysis.rule.Target;
import dev.fermata.contracts.impact.Estimate;
import dev.fermata.postgres.lock.Effects;
import dev.fermata.postgres.parser.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Estimates for the statements of one change on one target. Pure. */
public final class Estimates {
    /** How far off the model may be on a machine of which nothing is known. */
    private static final double UNCALIBRATED = 4;

    /** How far off it was after one order, in the benchmark. */
    private static final double CALIBRATED = 2;

    private final CostModel model;
    private final Calibration calibration;
    private final Map<Integer, Long> changedRows;

    /**
     * @param change all statements
     * @param changedRows of statements that change data, as the planner has it
     */
    public Estimates(Target target, List<Statement> change, Calibration calibration, Map<Integer, Long> changedRows) {
        this.model = new CostModel(target, change);
        this.calibration = calibration;
        this.changedRows = Map.copyOf(changedRows);
    }

    /** Empty where nothing is known to estimate from. */
    public Optional<Estimate> of(Statement statement, Effects effects) {
        return model.of(statement, effects, changedRows.getOrDefault(statement.index(), -1L))
                .map(this::estimate);
    }

    private Estimate estimate(Workload work) {
        Calibration.Factor factor = calibration.of(work.operation());
        double seconds = work.seconds() * factor.factor();
        double spread = factor.samples() == 0 ? UNCALIBRATED : CALIBRATED;
        return new Estimate(
                work.operation().id(),
                duration(seconds),
                duration(seconds / spread),
                duration(seconds * spread),
                work.walBytes(),
                work.diskBytes(),
                factor.factor(),
                work.basis() + "; "
                        + (factor.samples() == 0
                                ? "by the model, no earlier order has tested it on this target"
                                : String.format(
                                        Locale.ROOT,
                                        "by the model times %.2f, from %d earlier statements on this target",
                                        factor.factor(),
                                        factor.samples())));
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.max(1, Math.round(seconds * 1000)));
    }
}
