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
    private static final int SEQUENCES_PER_QUERY = 200;

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
        return steps;
    }

    private static Step step(Recipe recipe, ResultSet row, Dependencies dependencies) throws SQLException {
        String address = orEmpty(row.getString(1));
        Set<String> needs = new HashSet<>(dependencies.of(address));
        for (String needed : orEmpty(row.getString(4)).split(",")) {
            needs.add(dependencies.whole(needed));
        }
        return new Step(recipe, address, row.getString(2), row.getString(3), needs);
    }

    List<String> leftOut() throws SQLException {
        return column(LeftOut.query());
    }

    /** A sequence is the only thing to ask where it stands, so each is asked, many in one query. */
    List<String> sequencePositions() throws SQLException {
        List<String> sequences =
                column(UserObjects.query("SELECT r.name FROM user_relation r WHERE r.relkind = 'S' ORDER BY 1"));
        List<String> positions = new ArrayList<>();
        for (int from = 0; from < sequences.size(); from += SEQUENCES_PER_QUERY) {
            int to = Math.min(sequences.size(), from + SEQUENCES_PER_QUERY);
            List<String> selects = sequences.subList(from, to).stream()
                    .map(name ->
                            "SELECT 'SELECT pg_catalog.setval(%s, ' || last_value || ', ' || is_called || ')' FROM %s"
                                    .formatted(literalInLiteral(name), name))
                    .toList();
            positions.addAll(column(String.join(" UNION ALL ", selects)));
        }
        return positions;
    }

    /** {@code o'x} as it must be written inside a literal, to be a literal there: {@code ''o''''x''}. */
    private static String literalInLiteral(String text) {
        return "''" + text.replace("'", "''''") + "''";
    }

    private List<String> column(String query) throws SQLException {
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
