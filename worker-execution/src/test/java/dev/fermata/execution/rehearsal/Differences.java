package dev.fermata.execution.rehearsal;

import dev.fermata.execution.verify.CatalogComparison;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** What the rehearsal compares, for tests that run plans without one. */
public final class Differences {
    private final CatalogSnapshot catalog;
    private final SortedMap<QualifiedName, ContentChecksum> rows;

    private Differences(CatalogSnapshot catalog, SortedMap<QualifiedName, ContentChecksum> rows) {
        this.catalog = catalog;
        this.rows = rows;
    }

    /** Remembers how a database is now. */
    public static Differences expecting(Connection connection) throws SQLException {
        return new Differences(CatalogSnapshot.read(connection), Contents.checksums(connection));
    }

    /** What is not as it was. */
    public List<String> from(Connection connection) throws SQLException {
        CatalogComparison comparison = CatalogComparison.of(
                catalog.withoutOwnership().definitions(),
                CatalogSnapshot.read(connection).withoutOwnership().definitions());
        List<String> differences = new ArrayList<>(comparison.differences());
        comparison.columnOrder().forEach(table -> differences.add(table + " has its columns in another order"));
        SortedMap<QualifiedName, ContentChecksum> now = Contents.checksums(connection);
        for (Map.Entry<QualifiedName, ContentChecksum> was : rows.entrySet()) {
            if (!was.getValue().equals(now.get(was.getKey()))) {
                differences.add("table " + was.getKey() + " holds other rows than before");
            }
        }
        return differences;
    }

    /** What of the second is not as in the first, whatever the order of columns. */
    public static List<String> between(Connection expected, Connection actual) throws SQLException {
        List<String> differences = new ArrayList<>(CatalogComparison.of(
                        CatalogSnapshot.read(expected).withoutOwnership().definitions(),
                        CatalogSnapshot.read(actual).withoutOwnership().definitions())
                .differences());
        differences.addAll(new Contents(actual, expected).differences(Set.of()));
        return differences;
    }
}
