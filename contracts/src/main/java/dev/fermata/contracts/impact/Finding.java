package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;
import org.jspecify.annotations.Nullable;

/**
 * One rule's verdict on one statement.
 *
 * @param rule id of the rule, such as {@code index-without-concurrently}
 * @param statement index from 0
 * @param line 1-based in the change SQL
 * @param column 1-based
 * @param safer what to write instead, null when there is nothing better
 * @param fix SQL that does the same without the trouble, in place of the statement; null where none can be given
 * @param table that it is about, with its schema; null where no table is to blame
 */
public record Finding(
        String rule,
        RiskLevel severity,
        int statement,
        int line,
        int column,
        String message,
        String why,
        @Nullable String safer,
        @Nullable String docs,
        @Nullable String fix,
        @Nullable String table) {
    public Finding {
        Fields.text(rule, "finding.rule");
        Fields.required(severity, "finding.severity");
        Fields.text(message, "finding.message");
        Fields.text(why, "finding.why");
    }
}
