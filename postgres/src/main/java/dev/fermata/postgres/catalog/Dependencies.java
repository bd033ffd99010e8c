package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * {@code pg_depend} between user objects, by address ({@code pg_class 16384}).
 *
 * <p>What came with an extension or as the inside of another object (the row type of a table, the index of a key, the
 * sequence of an identity, the rule of a view) stands for that extension or object.
 */
final class Dependencies {
    private static final String QUERY = """
        SELECT d.classid::regclass || ' ' || d.objid, d.refclassid::regclass || ' '
          || d.refobjid, d.deptype IN ('i', 'e')
        FROM pg_depend d
        WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND (d.classid, d.objid) <> (d.refclassid, d.refobjid)
        """;

    private final Map<String, String> wholes = new HashMap<>();
    private final Map<String, Set<String>> needs = new HashMap<>();

    static Dependencies read(Connection connection) throws SQLException {
        Dependencies dependencies = new Dependencies();
        Map<String, Set<String>> raw = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(5_000);
            try (ResultSet rows = statement.executeQuery(QUERY)) {
                while (rows.next()) {
                    if (rows.getBoolean(3)) {
                        dependencies.wholes.put(rows.getString(1), rows.getString(2));
                    } else {
                        raw.computeIfAbsent(rows.getString(1), object -> new HashSet<>())
                                .add(rows.getString(2));
                    }
                }
            }
        }
        raw.forEach((object, needed) -> {
            Set<String> wholesNeeded =
                    dependencies.needs.computeIfAbsent(dependencies.whole(object), o -> new HashSet<>());
            needed.forEach(one -> wholesNeeded.add(dependencies.whole(one)));
        });
        return dependencies;
    }

    /** The addresses that the object, its insides included, depends on directly. */
    Set<String> of(String address) {
        return needs.getOrDefault(address, Set.of());
    }

    /** What the object is the inside of, or itself. */
    String whole(String address) {
        String current = address;
        Set<String> seen = new HashSet<>();
        while (seen.add(current)) {
            current = wholes.getOrDefault(current, current);
        }
        return current;
    }
}
