package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;

/** A column with the table it is in. */
public record ColumnName(QualifiedName table, String column) {
    @Override
    public String toString() {
        return table + "." + QualifiedName.quote(column);
    }
}
