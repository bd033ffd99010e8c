package dev.fermata.contracts.impact;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.WireEnum;

/** How much can go wrong, also used as the severity of a finding. Ordered from harmless to worst. */
public enum RiskLevel {
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL;

    @JsonValue
    public String wire() {
        return WireEnum.name(this);
    }

    public RiskLevel max(RiskLevel other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
