package dev.fermata.contracts.outcome;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.WireEnum;

/** How a run ended. {@link #ESCALATED} is the end of what machines do: a person acts next, and the run stays open. */
public enum RunResult {
    SUCCEEDED,
    ROLLED_BACK,
    REJECTED,
    CANCELLED,
    FAILED,
    ESCALATED;

    @JsonValue
    public String wire() {
        return WireEnum.name(this);
    }
}
