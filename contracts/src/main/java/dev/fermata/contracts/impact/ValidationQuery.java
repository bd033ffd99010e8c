package dev.fermata.contracts.impact;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.WireEnum;

/**
 * A question put to the target before the change and again after it (and after a rollback).
 *
 * @param name unique within the report, such as {@code rows public.orders}
 * @param sql one SELECT that returns exactly one row with one value; fully qualified names
 * @param expect how the answers must compare
 * @param why what a wrong answer would mean
 */
public record ValidationQuery(String name, String sql, Expectation expect, String why) {
    public ValidationQuery {
        Fields.text(name, "validation.name");
        Fields.text(sql, "validation.sql");
        Fields.required(expect, "validation.expect");
        Fields.text(why, "validation.why");
    }

    /** How the answer after must compare with the one before. */
    public enum Expectation {
        /** The same text. */
        EQUALS_BEFORE,
        /** A number not smaller than before: the application may have added rows meanwhile. */
        NOT_LESS_THAN_BEFORE,
        /** The number 0, whatever it was before. */
        IS_ZERO;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }
}
