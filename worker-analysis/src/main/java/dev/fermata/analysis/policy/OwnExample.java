package dev.fermata.analysis.policy;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.Map;
import java.util.Optional;

/**
 * SQL that shows an own rule, checked by {@code fermata lint --check-policy}.
 *
 * @param rows that tables are taken to have
 * @param serverVersion major version; none for the newest
 * @param place in the file, for people
 */
record OwnExample(
        String sql, ChangeOrigin origin, Map<QualifiedName, Long> rows, Optional<Integer> serverVersion, String place) {
    OwnExample {
        rows = Map.copyOf(rows);
    }
}
