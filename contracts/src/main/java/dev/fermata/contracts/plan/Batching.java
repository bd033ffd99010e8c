package dev.fermata.contracts.plan;

import dev.fermata.contracts.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a data change is cut into ranges. The statement of the step holds {@link #RANGE} where a condition stands; it is
 * replaced by {@code from < key AND key <= to}, of the key columns of {@code alias}, or by a range of pages where there
 * is no key.
 *
 * @param table that the ranges are of, schema-qualified and quoted where needed
 * @param alias by which the statement calls that table, quoted where needed
 * @param key columns of a unique index, in its order; empty for pages, where doing a row twice must be harmless
 * @param rowsPerBatch how many rows a range spans at first
 * @param beforeImages table in the attic that keeps what the step overwrites, quoted where needed; null when what it
 *     overwrites need not be kept
 * @param changedColumns columns the step writes, quoted where needed; empty for a DELETE
 */
public record Batching(
        String table,
        String alias,
        List<KeyColumn> key,
        int rowsPerBatch,
        @Nullable String beforeImages,
        List<String> changedColumns) {
    /** Stands in the statement for the condition on the range. */
    public static final String RANGE = ":range";

    public Batching {
        Fields.text(table, "batching.table");
        Fields.text(alias, "batching.alias");
        key = Fields.copy(key);
        if (beforeImages != null && key.isEmpty()) {
            throw new IllegalArgumentException("batching.key: none (expected: a key, as before-images are kept by it)");
        }
        if (rowsPerBatch < 1) {
            throw new IllegalArgumentException("batching.rowsPerBatch: " + rowsPerBatch + " (expected: >= 1)");
        }
        changedColumns = Fields.copy(changedColumns);
    }

    /**
     * A column of the key.
     *
     * @param name quoted where needed
     * @param type as SQL, such as {@code character varying(20)}
     */
    public record KeyColumn(String name, String type) {
        public KeyColumn {
            Fields.text(name, "batching.key.name");
            Fields.text(type, "batching.key.type");
        }
    }
}
