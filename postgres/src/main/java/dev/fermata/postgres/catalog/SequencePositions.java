package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the sequences of a database stand.
 *
 * @param statements one {@code setval} for each sequence that the role may read
 * @param unknown the others, as people say it, with what to grant
 */
record SequencePositions(List<String> statements, List<String> unknown) {
    private static final int SEQUENCES_PER_QUERY = 200;

    private static final String READABLE = UserObjects.query("""
        SELECT r.name FROM user_relation r
        WHERE r.relkind = 'S' AND has_schema_privilege(r.relnamespace, 'USAGE') AND has_table_privilege(r.oid, 'SELECT')
        ORDER BY 1
        """);

    SequencePositions {
        statements = List.copyOf(statements);
        unknown = List.copyOf(unknown);
    }

    /** A sequence is the only thing to ask where it stands, so each is asked, many in one query. */
    static SequencePositions read(Connection connection) throws SQLException {
        List<String> sequences = SchemaScriptReader.column(connection, READABLE);
        List<String> statements = new ArrayList<>();
        for (int from = 0; from < sequences.size(); from += SEQUENCES_PER_QUERY) {
            int to = Math.min(sequences.size(), from + SEQUENCES_PER_QUERY);
            List<String> selects = sequences.subList(from, to).stream()
                    .map(name ->
                            "SELECT 'SELECT pg_catalog.setval(%s, ' || last_value || ', ' || is_called || ')' FROM %s"
                                    .formatted(literalInLiteral(name), name))
                    .toList();
            statements.addAll(SchemaScriptReader.column(connection, String.join(" UNION ALL ", selects)));
        }
        return new SequencePositions(
                statements,
                Unreadable.sequences(connection).stream()
                        .map(one ->
                                "position of sequence " + one.name() + ", which may not be read (" + one.grant() + ")")
                        .toList());
    }

    /** {@code o'x} as it must be written inside a literal, to be a literal there: {@code ''o''''x''}. */
    private static String literalInLiteral(String text) {
        return "''" + text.replace("'", "''''") + "''";
    }
}
