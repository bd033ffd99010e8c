package dev.fermata.postgres.parser;

/** Where the condition of an UPDATE or DELETE stands in the statement's text, or could stand. */
public sealed interface WhereClause {

    /**
     * {@code text.substring(start, end)} is the condition, without the keyword WHERE and without blanks or comments
     * around it. It may also be {@code CURRENT OF cursor}, which is not an expression.
     */
    record Present(int start, int end) implements WhereClause {}

    /** There is none; {@code " WHERE ..."} put in at {@code insertAt} would be one. */
    record Absent(int insertAt) implements WhereClause {}
}
