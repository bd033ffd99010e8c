package dev.fermata.contracts.plan;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.WireEnum;

/** What a step means to the application that runs meanwhile. */
public enum Phase {
    /** Old and new application code both work afterwards. */
    EXPAND,
    /** Data moves. */
    MIGRATE,
    /** Removes what old code needs; gated separately. */
    CONTRACT;

    @JsonValue
    public String wire() {
        return WireEnum.name(this);
    }
}
