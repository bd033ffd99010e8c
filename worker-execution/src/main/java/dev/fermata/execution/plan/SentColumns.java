package dev.fermata.execution.plan;

import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Publication;
import dev.fermata.postgres.schema.Relation;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Columns of ours in a table that is published: a subscriber that has no column of that name stops, and its slot keeps WAL
 * (PostgreSQL documentation, 29.8). Those of a list of columns that leaves them out are not sent.
 */
final class SentColumns {
    private SentColumns() {}

    /** The draft with what people should know of it. */
    static Draft told(Scene scene, Draft draft) {
        Optional<Relation> table = draft.sql().stream()
                .flatMap(sql -> scene.before().schema().relations().stream().filter(one -> gets(one.name(), sql)))
                .findFirst();
        if (table.isEmpty()) {
            return draft;
        }
        QualifiedName name = table.get().name();
        boolean renames = draft.sql().stream().anyMatch(sql -> sql.contains(" RENAME COLUMN "));
        List<String> publications = scene.before().schema().publicationsOf(name).stream()
                .filter(publication -> renames
                        || publication.tables().getOrDefault(name, List.of()).isEmpty())
                .map(Publication::name)
                .sorted()
                .toList();
        return publications.isEmpty()
                ? draft
                : draft.flagged(new RedFlag(
                        "published-columns",
                        RiskLevel.HIGH,
                        "subscribers of " + String.join(", ", publications) + " stop, as a column of " + name
                                + " has a name for a while, or until it is purged, that they do not know; publish a"
                                + " list of columns without it before: "
                                + publications.stream()
                                        .map(publication -> "ALTER PUBLICATION " + Sql.quote(publication)
                                                + " SET TABLE " + name.sql() + " (...)")
                                        .collect(Collectors.joining("; "))));
    }

    /** Whether the statement gives the table a column by a name of ours. */
    private static boolean gets(QualifiedName table, String sql) {
        return sql.startsWith(Sql.alter(table, "ADD COLUMN " + Attic.PREFIX))
                || sql.startsWith(Sql.alter(table, "ADD COLUMN \"" + Attic.PREFIX))
                || (sql.startsWith(Sql.alter(table, "RENAME COLUMN "))
                        && (sql.contains(" TO " + Attic.PREFIX) || sql.contains(" TO \"" + Attic.PREFIX)));
    }
}
