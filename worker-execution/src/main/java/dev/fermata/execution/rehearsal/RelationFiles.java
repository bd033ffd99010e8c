package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The relations of the user at one moment, and the file each of them is in. */
record RelationFiles(Map<Long, Relation> byOid) {
    private static final String QUERY = """
        SELECT c.oid, n.nspname, c.relname, c.relkind, c.relfilenode,
               coalesce(pg_relation_size(coalesce(i.indrelid, c.oid)), 0) > 0
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
        WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'fermata')
        """;

    RelationFiles {
        byOid = Map.copyOf(byOid);
    }

    /**
     * A relation.
     *
     * @param kind as {@code pg_class.relkind}
     * @param hasRows whether it, or the table of an index, takes any space
     */
    record Relation(QualifiedName name, char kind, long file, boolean hasRows) {
        boolean isIndex() {
            return kind == 'i' || kind == 'I';
        }

        private boolean isStored() {
            return kind == 'r' || kind == 'm' || kind == 'i';
        }
    }

    static RelationFiles read(Connection connection) throws SQLException {
        Map<Long, Relation> relations = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(QUERY);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                relations.put(
                        rows.getLong(1),
                        new Relation(
                                new QualifiedName(rows.getString(2), rows.getString(3)),
                                rows.getString(4).charAt(0),
                                rows.getLong(5),
                                rows.getBoolean(6)));
            }
        }
        return new RelationFiles(relations);
    }

    Optional<Relation> relation(long oid) {
        return Optional.ofNullable(byOid.get(oid));
    }

    /** Those with rows that are in another file now, and have rows there. One that was emptied was not written anew. */
    List<String> rewrittenIn(RelationFiles now) {
        return byOid.entrySet().stream()
                .filter(was -> was.getValue().isStored() && was.getValue().hasRows())
                .filter(was -> now.relation(was.getKey())
                        .filter(is -> is.file() != was.getValue().file() && is.hasRows())
                        .isPresent())
                .map(was -> was.getValue().name().toString())
                .sorted()
                .toList();
    }
}
