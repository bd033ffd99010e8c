package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads every {@link Family} from a connection that is already set up by {@link CanonicalOutput}. */
final class CatalogReader {
    private static final int FETCH_SIZE = 2_000;

    private final Connection connection;

    CatalogReader(Connection connection) {
        this.connection = connection;
    }

    List<CatalogObject> read() throws SQLException {
        RelationTree relations = RelationTree.read(connection);
        List<CatalogObject> objects = new ArrayList<>();
        for (Family family : Family.values()) {
            read(family, relations, objects);
        }
        Undisturbed.requireAllThere(connection);
        return objects;
    }

    private void read(Family family, RelationTree relations, List<CatalogObject> into) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH_SIZE);
            try (ResultSet rows = statement.executeQuery(family.query())) {
                while (rows.next()) {
                    Set<QualifiedName> hangsOn = new HashSet<>(relations.above(rows.getLong(3)));
                    hangsOn.addAll(relations.above(rows.getLong(4)));
                    String identity = rows.getString(1);
                    String definition = rows.getString(2);
                    if (definition == null) {
                        throw Undisturbed.gone(identity);
                    }
                    into.add(new CatalogObject(identity, definition, family.aspect(), hangsOn));
                }
            }
        }
    }
}
