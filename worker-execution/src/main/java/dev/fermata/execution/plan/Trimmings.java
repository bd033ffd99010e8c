package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Index;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What an index or a constraint that takes the place of another does not get by its definition. */
final class Trimmings {
    private static final Pattern TARGET = Pattern.compile("(\\d+): (\\d+)");

    private Trimmings() {}

    static List<String> of(Index index, Stage stage) {
        List<String> sql = settings(index, stage);
        String name = index.name().sql();
        stage.catalog()
                .definition("comment on index " + name)
                .ifPresent(comment -> sql.add("COMMENT ON INDEX " + name + " IS " + Sql.literal(comment)));
        return sql;
    }

    /** Without its comment. */
    static List<String> settings(Index index, Stage stage) {
        String name = index.name().sql();
        List<String> sql = new ArrayList<>();
        String definition = stage.catalog().definition("index " + name).orElse("");
        if (definition.contains("; clustered on")) {
            sql.add(Sql.alter(
                    index.table(), "CLUSTER ON " + Sql.quote(index.name().name())));
        }
        if (definition.contains("; replica identity")) {
            sql.add(Sql.alter(
                    index.table(),
                    "REPLICA IDENTITY USING INDEX " + Sql.quote(index.name().name())));
        }
        int statistics = definition.indexOf("; statistics (");
        if (statistics >= 0) {
            TARGET.matcher(definition.substring(statistics))
                    .results()
                    .forEach((MatchResult target) -> sql.add("ALTER INDEX " + name + " ALTER COLUMN " + target.group(1)
                            + " SET STATISTICS " + target.group(2)));
        }
        return sql;
    }

    static List<String> ofConstraint(QualifiedName table, String constraint, Stage stage) {
        String on = Sql.quote(constraint) + " ON " + table.sql();
        return stage.catalog()
                .definition("comment on table constraint " + Sql.quote(constraint) + " on " + table.sql())
                .map(comment -> List.of("COMMENT ON CONSTRAINT " + on + " IS " + Sql.literal(comment)))
                .orElse(List.of());
    }
}
