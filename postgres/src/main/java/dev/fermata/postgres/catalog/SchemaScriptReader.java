package dev.fermata.postgres.catalog;

import dev.fermata.postgres.catalog.ScriptOrder.Step;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects the statements of every {@link Recipe} from a connection that is already set up by {@link CanonicalOutput}.
 */
final class SchemaScriptReader {
    private static final int FETCH_SIZE = 2_000;

    private final Connection connection;

    SchemaScriptReader(Connection connection) {
        this.connection = connection;
    }

    /** In no useful order yet. */
    List<Step> steps() throws SQLException {
        Dependencies dependencies = Dependencies.read(connection);
        List<Step> steps = new ArrayList<>();
        for (Recipe recipe : Recipe.values()) {
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(FETCH_SIZE);
                try (ResultSet rows = statement.executeQuery(recipe.query())) {
                    while (rows.next()) {
                        steps.add(step(recipe, rows, dependencies));
                    }
                }
            }
        }
        Undisturbed.requireAllThere(connection);
        return steps;
    }

    private static Step step(Recipe recipe, ResultSet row, Dependencies dependencies) throws SQLException {
        String address = orEmpty(row.getString(1));
        Set<String> needs = new HashSet<>(dependencies.of(address));
        for (String needed : orEmpty(row.getString(4)).split(",")) {
            needs.add(dependencies.whole(needed));
        }
        String statement = row.getString(3);
        if (statement == null) {
            throw Undisturbed.gone(row.getString(2));
        }
        return new Step(recipe, address, row.getString(2), statement, needs);
    }

    List<String> leftOut() throws SQLException {
        return column(connection, LeftOut.query());
    }

    /** The first of each row. */
    static List<String> column(Connection connection, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet rows = statement.executeQuery(query)) {
                while (rows.next()) {
                    values.add(rows.getString(1));
                }
            }
        }
        return values;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
