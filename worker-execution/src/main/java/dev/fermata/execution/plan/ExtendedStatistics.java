package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * CREATE STATISTICS over a column that another takes the place of: those stay with the column that rests, out of sight, and
 * the new one gets its own.
 */
final class ExtendedStatistics {
    private static final Pattern TARGET = Pattern.compile("; statistics (\\d+)$");

    private final String key;
    private final Stage after;
    private final List<ObjectName> names;

    ExtendedStatistics(Scene scene, QualifiedName table, String column) {
        this.key = scene.key();
        this.after = scene.after();
        this.names = scene.before().catalog().definitions().entrySet().stream()
                .filter(object -> object.getKey().startsWith("statistics ")
                        && isOver(withoutTarget(object.getValue()), table, column))
                .map(object -> ObjectName.of(object.getKey()))
                .toList();
    }

    private static String withoutTarget(String definition) {
        return TARGET.matcher(definition).replaceFirst("");
    }

    /** @param definition in the snapshot */
    static boolean areOf(String definition, QualifiedName table) {
        return withoutTarget(definition).endsWith(" FROM " + table.sql());
    }

    private static boolean isOver(String create, QualifiedName table, String column) {
        String from = " FROM " + table.sql();
        return create.endsWith(from)
                && Tokens.mention(
                        "(" + create.substring(create.indexOf(" ON ") + 4, create.length() - from.length()) + ")",
                        column);
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    private String resting(ObjectName name) {
        return Attic.resting(key, name.name());
    }

    /** When the new column has its name. */
    List<String> forth() {
        List<String> sql = new ArrayList<>();
        for (ObjectName name : names) {
            String definition =
                    after.catalog().definition("statistics " + name.sql()).orElse("");
            Matcher target = TARGET.matcher(definition);
            sql.add("ALTER STATISTICS " + name.sql() + " RENAME TO " + Sql.quote(resting(name)));
            sql.add(target.replaceFirst(""));
            if (target.find(0)) {
                sql.add("ALTER STATISTICS " + name.sql() + " SET STATISTICS " + target.group(1));
            }
            after.catalog()
                    .definition("comment on statistics object " + name.sql())
                    .ifPresent(
                            comment -> sql.add("COMMENT ON STATISTICS " + name.sql() + " IS " + Sql.literal(comment)));
        }
        return sql;
    }

    List<String> back() {
        List<String> sql = new ArrayList<>();
        for (ObjectName name : names) {
            sql.add("DROP STATISTICS IF EXISTS " + name.sql());
            sql.add("ALTER STATISTICS " + new QualifiedName(name.schema(), resting(name)).sql() + " RENAME TO "
                    + Sql.quote(name.name()));
        }
        return sql;
    }
}
