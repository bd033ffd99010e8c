package dev.fermata.analysis.rule;

import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.WrittenName;
import org.jspecify.annotations.Nullable;

/**
 * One place where a rule applies; becomes a finding when it is graded and placed.
 *
 * @param message what is wrong here, with the names of this statement
 * @param table whose size and traffic grade it; null where no table matters
 * @param offset in the statement's text
 * @param severity of this place; null for what the rule's grade says
 * @param safer what to write here instead; null for the rule's general advice
 * @param fix SQL that does the same without the trouble, in place of the statement; null where none can be given
 */
public record Hit(
        String message,
        @Nullable WrittenName table,
        int offset,
        @Nullable RiskLevel severity,
        @Nullable String safer,
        @Nullable String fix) {

    public static Hit of(String message) {
        return new Hit(message, null, 0, null, null, null);
    }

    public Hit on(WrittenName table) {
        return new Hit(message, table, offset, severity, safer, fix);
    }

    /** @param offset a negative one, as trees have it for "unknown", leaves the start of the statement */
    public Hit at(int offset) {
        return new Hit(message, table, Math.max(0, offset), severity, safer, fix);
    }

    public Hit graded(RiskLevel severity) {
        return new Hit(message, table, offset, severity, safer, fix);
    }

    public Hit safer(String safer) {
        return new Hit(message, table, offset, severity, safer, fix);
    }

    /** @param fix empty where none can be given after all */
    public Hit fix(String fix) {
        return new Hit(message, table, offset, severity, safer, fix.isEmpty() ? null : fix);
    }
}
