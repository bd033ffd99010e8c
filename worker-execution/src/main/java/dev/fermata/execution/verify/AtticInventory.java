package dev.fermata.execution.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.fermata.contracts.json.Json;
import dev.fermata.postgres.catalog.CanonicalOutput;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a run keeps for its way back: tables, columns, types, functions and schemas, as people would call them. What is purged
 * is missing later, and then the way back would end in the middle.
 */
public record AtticInventory(Set<String> objects) {
    private static final String KEPT = """
        SELECT 'table ' || c.oid::regclass FROM pg_class AS c
          WHERE c.relnamespace = to_regnamespace('fermata_attic') AND c.relkind IN ('r', 'p', 'S')
            AND starts_with(regexp_replace(c.relname, '^(images|inserted)_', ''), $key)
        UNION ALL SELECT 'column ' || a.attrelid::regclass || '.' || quote_ident(a.attname) FROM pg_attribute AS a
          JOIN pg_class AS c ON c.oid = a.attrelid
          WHERE c.relkind IN ('r', 'p') AND NOT a.attisdropped AND starts_with(a.attname, 'fermata_attic_' || $key)
        UNION ALL SELECT 'type ' || t.oid::regtype FROM pg_type AS t
          WHERE t.typnamespace = to_regnamespace('fermata_attic') AND t.typtype IN ('e', 'd')
            AND starts_with(t.typname, $key)
        UNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc AS p
          WHERE p.pronamespace = to_regnamespace('fermata_attic') AND p.prorettype <> 'trigger'::regtype
            AND starts_with(p.proname, $key)
        UNION ALL SELECT 'schema ' || quote_ident(n.nspname) FROM pg_namespace AS n
          WHERE starts_with(n.nspname, 'fermata_attic_' || $key)
        """.replace("$key", "?");

    private static final int KEYS = 5;

    public AtticInventory {
        objects = Set.copyOf(objects);
    }

    /** @param key that names in the attic begin with for the run */
    public static AtticInventory read(Connection connection, String key) throws SQLException {
        return CanonicalOutput.readingCatalog(connection, () -> new AtticInventory(names(connection, key)));
    }

    private static Set<String> names(Connection connection, String key) throws SQLException {
        Set<String> objects = new TreeSet<>();
        try (PreparedStatement select = connection.prepareStatement(KEPT)) {
            for (int i = 1; i <= KEYS; i++) {
                select.setString(i, key + "_");
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    objects.add(rows.getString(1));
                }
            }
        }
        return objects;
    }

    /** What is not there any more, sorted. */
    public List<String> missingFrom(AtticInventory now) {
        return objects.stream()
                .filter(object -> !now.objects.contains(object))
                .sorted()
                .toList();
    }

    public String write() {
        try {
            return Json.mapper().writeValueAsString(new TreeSet<>(objects));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a list of texts is always JSON", e);
        }
    }

    public static AtticInventory parse(String json) {
        try {
            Set<String> objects = Json.mapper().readValue(json, new TypeReference<>() {});
            return new AtticInventory(objects);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the inventory in the ledger cannot be read", e);
        }
    }
}
