package dev.fermata.contracts.impact;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.WireEnum;

/**
 * How many rows of today stand against what a statement demands of them. Never the rows.
 *
 * @param statement index from 0
 * @param kind such as {@code not-null}
 * @param relation such as {@code public.orders}
 * @param rows counted, or estimated from a sample; -1 where neither could be done
 * @param text for people: what was counted, or why it could not be, and which right is missing
 */
public record DataCheck(int statement, String kind, String relation, Result result, long rows, String text) {
    public DataCheck {
        Fields.text(kind, "dataCheck.kind");
        Fields.text(relation, "dataCheck.relation");
        Fields.required(result, "dataCheck.result");
        Fields.text(text, "dataCheck.text");
    }

    /** What came of it. */
    public enum Result {
        /** {@code rows} is the number. */
        COUNTED,
        /** There are more than {@code rows}. */
        MORE_THAN,
        /** It took too long. */
        TIMED_OUT,
        NOT_PERMITTED,
        FAILED,
        /** There is no query for it that is safe to run. */
        NOT_ASKED;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }
}
