package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What relations hang on: an index and an owned sequence on their table, a partition and an inheriting table on their
 * parents, a view on all it selects from, each together with what those hang on in turn.
 */
final class RelationTree {
    private static final String NAMES = UserObjects.query("""
        SELECT r.oid, n.nspname, r.relname
        FROM user_relation r JOIN pg_namespace n ON n.oid = r.relnamespace
        WHERE r.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
        """);

    private static final String EDGES = UserObjects.query("""
        SELECT h.inhrelid, h.inhparent FROM pg_inherits h
        UNION ALL
        SELECT i.indexrelid, i.indrelid FROM pg_index i JOIN user_relation r ON r.oid = i.indrelid
        UNION ALL
        SELECT d.objid, d.refobjid
        FROM pg_depend d JOIN user_relation r ON r.oid = d.objid AND r.relkind = 'S'
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        UNION ALL
        SELECT DISTINCT w.ev_class, d.refobjid
        FROM pg_rewrite w JOIN user_relation r ON r.oid = w.ev_class AND r.relkind IN ('v', 'm')
          JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
        """);

    private final Map<Long, QualifiedName> names;
    private final Map<Long, Set<Long>> parents;
    private final Map<Long, Set<QualifiedName>> above = new HashMap<>();

    private RelationTree(Map<Long, QualifiedName> names, Map<Long, Set<Long>> parents) {
        this.names = names;
        this.parents = parents;
    }

    static RelationTree read(Connection connection) throws SQLException {
        Map<Long, QualifiedName> names = new HashMap<>();
        Map<Long, Set<Long>> parents = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery(NAMES)) {
                while (rows.next()) {
                    names.put(rows.getLong(1), new QualifiedName(rows.getString(2), rows.getString(3)));
                }
            }
            try (ResultSet rows = statement.executeQuery(EDGES)) {
                while (rows.next()) {
                    parents.computeIfAbsent(rows.getLong(1), child -> new HashSet<>())
                            .add(rows.getLong(2));
                }
            }
        }
        return new RelationTree(names, parents);
    }

    /** The relation itself, if it has a name of its own, and all it hangs on; empty for OID 0. */
    Set<QualifiedName> above(long relation) {
        return relation == 0 ? Set.of() : above.computeIfAbsent(relation, this::collect);
    }

    private Set<QualifiedName> collect(long relation) {
        Set<Long> seen = new HashSet<>(List.of(relation));
        Deque<Long> open = new ArrayDeque<>(seen);
        Set<QualifiedName> found = new HashSet<>();
        while (!open.isEmpty()) {
            long next = open.pop();
            QualifiedName name = names.get(next);
            if (name != null) {
                found.add(name);
            }
            for (long parent : parents.getOrDefault(next, Set.of())) {
                if (seen.add(parent)) {
                    open.push(parent);
                }
            }
        }
        return Set.copyOf(found);
    }
}
