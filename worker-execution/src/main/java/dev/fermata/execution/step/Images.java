package dev.fermata.execution.step;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Batching.KeyColumn;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The SQL that keeps what a range overwrites, in the same statement that overwrites it. */
public final class Images {
    private Images() {}

    /** The empty table that keeps what is overwritten: whole rows of a DELETE, else the key and both values. */
    public static String create(Batching batching) {
        String columns = batching.changedColumns().isEmpty()
                ? "*"
                : batching.key().stream().map(KeyColumn::name).collect(Collectors.joining(", ")) + ", "
                        + columns(batching, c -> c + " AS " + column("before_", c)) + ", "
                        + columns(batching, c -> c + " AS " + column("after_", c));
        return "CREATE TABLE IF NOT EXISTS " + batching.beforeImages() + " AS SELECT " + columns + " FROM "
                + batching.table() + " WHERE false";
    }

    /** The UPDATE or DELETE of one range; the join sees the rows as they were before this very statement. */
    public static String keeping(Batching batching, String change) {
        if (batching.changedColumns().isEmpty()) {
            return "WITH gone AS (" + change + " RETURNING " + batching.alias() + ".*) INSERT INTO "
                    + batching.beforeImages() + " SELECT * FROM gone";
        }
        String alias = batching.alias();
        List<String> keys = batching.key().stream().map(KeyColumn::name).toList();
        String returnedKeys = keys.stream()
                .map(key -> alias + "." + key + " AS " + column("key_", key))
                .collect(Collectors.joining(", "));
        String sameKey = keys.stream()
                .map(key -> "was." + key + " = changed." + column("key_", key))
                .collect(Collectors.joining(" AND "));
        String keptKeys = keys.stream().map(key -> "was." + key).collect(Collectors.joining(", "));
        String returning = columns(batching, c -> alias + "." + c + " AS " + column("after_", c));
        String before = columns(batching, c -> "was." + c);
        String after = columns(batching, c -> "changed." + column("after_", c));
        return "WITH changed AS (" + change + " RETURNING " + returnedKeys + ", " + returning + ") INSERT INTO "
                + batching.beforeImages() + " SELECT " + keptKeys + ", " + before + ", " + after + " FROM changed JOIN "
                + batching.table() + " AS was ON " + sameKey;
    }

    private static String columns(Batching batching, UnaryOperator<String> each) {
        return batching.changedColumns().stream().map(each).collect(Collectors.joining(", "));
    }

    /** {@code before_status} for {@code status}; takes and gives quoted names. */
    static String column(String prefix, String quoted) {
        String plain = quoted.startsWith("\"")
                ? quoted.substring(1, quoted.length() - 1).replace("\"\"", "\"")
                : quoted;
        return QualifiedName.quote(prefix + plain);
    }
}
