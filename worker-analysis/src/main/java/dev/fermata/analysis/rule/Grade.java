package dev.fermata.analysis.rule;

import dev.fermata.contracts.impact.RiskLevel;

/** How bad a hit is. */
public sealed interface Grade {
    /** For documentation: {@code high}, or {@code by size}. */
    String describe();

    /** The severity on a table of that exposure. */
    RiskLevel of(Exposure exposure);

    /** Always the same. */
    record Fixed(RiskLevel level) implements Grade {
        @Override
        public String describe() {
            return level.wire();
        }

        @Override
        public RiskLevel of(Exposure exposure) {
            return level;
        }
    }

    /** For what takes time in proportion to the table while others wait. */
    record BySize() implements Grade {
        @Override
        public String describe() {
            return "by size";
        }

        @Override
        public RiskLevel of(Exposure exposure) {
            return exposure.whenAllWait();
        }
    }

    /** For what is over at once, and hurts only where much happens on the table. */
    record ByTraffic() implements Grade {
        @Override
        public String describe() {
            return "by traffic";
        }

        @Override
        public RiskLevel of(Exposure exposure) {
            return exposure.whenLockedForAMoment();
        }
    }
}
