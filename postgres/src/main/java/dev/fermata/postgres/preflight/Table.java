package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Relation;
import org.jspecify.annotations.Nullable;

/**
 * What a query scans.
 *
 * @param own whether heirs of a plain table are left out; partitions never are
 * @param alias null for none
 */
record Table(Relation relation, boolean own, @Nullable String alias) {
    static Table withHeirs(Relation relation) {
        return new Table(relation, false, null);
    }

    /** Without heirs: what an index or a foreign key sees. */
    static Table alone(Relation relation) {
        return new Table(relation, true, null);
    }

    Table as(String name) {
        return new Table(relation, own, name);
    }

    String sql() {
        boolean only = own && !relation.children().isEmpty() && relation.kind() != Relation.Kind.PARTITIONED_TABLE;
        return (only ? "ONLY " : "")
                + relation.name().sql()
                + (alias == null ? "" : " AS " + QualifiedName.quote(alias));
    }
}
