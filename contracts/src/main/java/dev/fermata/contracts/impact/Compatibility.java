package dev.fermata.contracts.impact;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.WireEnum;

/**
 * What a statement means to an application that was written for the schema before it.
 *
 * @param statement index from 0
 * @param what for people
 */
public record Compatibility(int statement, Breaks breaks, String what) {
    public Compatibility {
        Fields.required(breaks, "compatibility.breaks");
        Fields.text(what, "compatibility.what");
    }

    /** What no longer works, from the moment that the statement is committed. */
    public enum Breaks {
        /** Every query that names what is gone. */
        QUERIES,
        /** Writes that do not keep to a new rule. */
        WRITES,
        /** Statements that a session has prepared before: once, until they are prepared again. */
        PREPARED_STATEMENTS;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }
}
