package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.schema.SchemaReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the schema is like before a piece of the change, or after it.
 *
 * @param partitionConditions of each partition: the condition on its rows, as the server writes it
 */
public record Stage(CatalogSnapshot catalog, SchemaModel schema, Map<QualifiedName, String> partitionConditions) {
    private static final String CONDITIONS = """
        SELECT n.nspname, c.relname, pg_get_partition_constraintdef(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relispartition AND c.relkind IN ('r', 'p') AND pg_get_partition_constraintdef(c.oid) IS NOT NULL
        """;

    public Stage {
        partitionConditions = Map.copyOf(partitionConditions);
    }

    public static Stage read(Connection connection) throws SQLException {
        return new Stage(CatalogSnapshot.read(connection), SchemaReader.read(connection), conditions(connection));
    }

    private static Map<QualifiedName, String> conditions(Connection connection) throws SQLException {
        Map<QualifiedName, String> conditions = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(CONDITIONS)) {
            while (rows.next()) {
                conditions.put(new QualifiedName(rows.getString(1), rows.getString(2)), rows.getString(3));
            }
        }
        return conditions;
    }
}
