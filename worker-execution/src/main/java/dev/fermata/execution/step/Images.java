package dev.fermata.execution.step;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The SQL that keeps what a range overwrites, in the same statement that overwrites it. */
final class Images {
    private Images() {}

    /** The UPDATE or DELETE of one range; the join sees the rows as they were before this very statement. */
    static String keeping(Batching batching, String change) {
        String key = batching.key();
        if (batching.changedColumns().isEmpty()) {
            return "WITH gone AS (" + change + " RETURNING *) INSERT INTO " + batching.beforeImages()
                    + " SELECT * FROM gone";
        }
        String returning = columns(batching, c -> c + " AS " + column("after_", c));
        String before = columns(batching, c -> "was." + c);
        String after = columns(batching, c -> "changed." + column("after_", c));
        return "WITH changed AS (" + change + " RETURNING " + key + " AS changed_key, " + returning + ") INSERT INTO "
                + batching.beforeImages() + " SELECT was." + key + ", " + before + ", " + after + " FROM changed JOIN "
                + batching.table() + " AS was ON was." + key + " = changed.changed_key";
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
