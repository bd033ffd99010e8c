package dev.fermata.analysis.estimate;

import java.util.Map;

/**
 * What earlier orders on a target have taught: how much longer than by the model each operation takes there.
 *
 * @param factors 1 is as the model says
 */
public record Calibration(Map<Operation, Factor> factors) {
    /** Nothing is known. */
    public static final Calibration NONE = new Calibration(Map.of());

    /** @param samples from how many statements */
    public record Factor(double factor, int samples) {
        /** How much a single statement may still move a factor that rests on many. */
        private static final double SLOWEST = 0.2;

        /**
         * With one more statement; averaged in logarithms, as a factor of two too much weighs as much as one too little.
         *
         * @param ratio of what it took to what the model says without calibration
         */
        public Factor with(double ratio) {
            double weight = Math.max(SLOWEST, 1.0 / (samples + 1));
            return new Factor(Math.exp(Math.log(factor) * (1 - weight) + Math.log(ratio) * weight), samples + 1);
        }
    }

    public Calibration {
        factors = Map.copyOf(factors);
    }

    Factor of(Operation operation) {
        return factors.getOrDefault(operation, new Factor(1, 0));
    }
}
