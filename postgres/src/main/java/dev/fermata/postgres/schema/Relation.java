package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A table, view, materialized view, sequence, foreign table or composite type, with all that is its own.
 *
 * @param columns without dropped ones, in order
 * @param parents tables it inherits from; for a partition exactly one
 * @param children tables that inherit from it, partitions included, direct ones only
 * @param partitionBound such as {@code FOR VALUES FROM (0) TO (100)} or {@code DEFAULT}; null unless it is a partition
 * @param partitionKey such as {@code RANGE (k)}; null unless it is partitioned
 * @param extension the extension that it belongs to, else null
 * @param rowSecurity whether policies are in force
 * @param query the text of a view or materialized view, else null
 * @param tablespace null for the database's own
 */
public record Relation(
        long oid,
        QualifiedName name,
        Kind kind,
        Persistence persistence,
        String owner,
        String accessMethod,
        @Nullable String tablespace,
        @Nullable String extension,
        List<Column> columns,
        List<Index> indexes,
        List<Constraint> constraints,
        List<Trigger> triggers,
        List<Policy> policies,
        List<QualifiedName> parents,
        List<QualifiedName> children,
        @Nullable String partitionBound,
        @Nullable String partitionKey,
        ReplicaIdentity replicaIdentity,
        boolean rowSecurity,
        List<String> options,
        @Nullable String query) {
    public Relation {
        columns = List.copyOf(columns);
        indexes = List.copyOf(indexes);
        constraints = List.copyOf(constraints);
        triggers = List.copyOf(triggers);
        policies = List.copyOf(policies);
        parents = List.copyOf(parents);
        children = List.copyOf(children);
        options = List.copyOf(options);
    }

    /** What sort of relation. */
    public enum Kind {
        TABLE,
        PARTITIONED_TABLE,
        VIEW,
        MATERIALIZED_VIEW,
        SEQUENCE,
        FOREIGN_TABLE,
        COMPOSITE_TYPE
    }

    /** Whether it survives a crash, and the session. */
    public enum Persistence {
        PERMANENT,
        UNLOGGED,
        TEMPORARY
    }

    /** By what a subscriber finds the row that was changed. */
    public enum ReplicaIdentity {
        DEFAULT,
        NOTHING,
        FULL,
        INDEX
    }

    public Optional<Column> column(String column) {
        return columns.stream().filter(one -> one.name().equals(column)).findFirst();
    }

    public Optional<Constraint> constraint(String constraint) {
        return constraints.stream().filter(one -> one.name().equals(constraint)).findFirst();
    }

    public boolean isPartition() {
        return partitionBound != null;
    }

    /** Whether rows that fit no other partition go here. */
    public boolean isDefaultPartition() {
        return "DEFAULT".equals(partitionBound);
    }

    /** The same, as a part of that extension. */
    public Relation ownedBy(String extension) {
        return new Relation(
                oid,
                name,
                kind,
                persistence,
                owner,
                accessMethod,
                tablespace,
                extension,
                columns,
                indexes,
                constraints,
                triggers,
                policies,
                parents,
                children,
                partitionBound,
                partitionKey,
                replicaIdentity,
                rowSecurity,
                options,
                query);
    }

    /** Whether rows are stored in it, or in its partitions. */
    public boolean holdsRows() {
        return kind == Kind.TABLE || kind == Kind.PARTITIONED_TABLE || kind == Kind.MATERIALIZED_VIEW;
    }
}
