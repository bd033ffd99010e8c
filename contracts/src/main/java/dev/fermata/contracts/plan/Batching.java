package dev.fermata.contracts.plan;

import dev.fermata.contracts.Fields;
import java.util.List;

/**
 * How a data change is cut into key ranges. The statement of the step holds {@code :from} and {@code :to}: the range
 * {@code from < key <= to} of an integer key.
 *
 * @param table schema-qualified and quoted where needed
 * @param key the single-column integer key, quoted where needed
 * @param rowsPerBatch how many keys a range spans at first
 * @param beforeImages table in the attic that keeps what the step overwrites, quoted where needed
 * @param changedColumns columns the step writes, empty for a DELETE
 */
public record Batching(String table, String key, int rowsPerBatch, String beforeImages, List<String> changedColumns) {
    public Batching {
        Fields.text(table, "batching.table");
        Fields.text(key, "batching.key");
        Fields.text(beforeImages, "batching.beforeImages");
        if (rowsPerBatch < 1) {
            throw new IllegalArgumentException("batching.rowsPerBatch: " + rowsPerBatch + " (expected: >= 1)");
        }
        changedColumns = Fields.copy(changedColumns);
    }
}
