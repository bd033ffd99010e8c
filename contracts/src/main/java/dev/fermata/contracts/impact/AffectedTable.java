package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;

/**
 * A table that exists today and that the change touches.
 *
 * @param estimatedRows PostgreSQL's own estimate, -1 when it was never analysed
 * @param totalBytes heap, TOAST and indexes
 * @param created whether the change itself creates it (then it does not exist yet, and sizes are 0)
 * @param deadRows that VACUUM has not removed yet
 * @param writesPerSecond -1 where that is not known
 */
public record AffectedTable(
        String schema,
        String name,
        long estimatedRows,
        long totalBytes,
        boolean created,
        long deadRows,
        double writesPerSecond) {
    public AffectedTable {
        Fields.text(schema, "table.schema");
        Fields.text(name, "table.name");
    }

    /** {@code schema.name}, unquoted, for people. */
    public String displayName() {
        return schema + "." + name;
    }
}
