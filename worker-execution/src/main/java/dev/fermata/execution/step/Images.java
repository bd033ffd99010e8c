package dev.fermata.execution.step;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Batching.KeyColumn;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The SQL that keeps what a range overwrites, in the same statement that overwrites it.
 *
 * <p>The table that it is kept in has no index: it is only ever filled, and read once, page by page, when the change is taken
 * back.
 */
public final class Images {
    /** How the names of tables begin that keep what could not go back. */
    static final String LEFT = Attic.SCHEMA + ".left_";

    private Images() {}

    /**
     * Where rows rest that could not go back, as others stand in their place.
     *
     * @param images the table that keeps what was overwritten
     */
    public static String left(String images) {
        return LEFT + images.substring(images.lastIndexOf("images_") + "images_".length());
    }

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

    /**
     * The UPDATE or DELETE of one range, on a server of any version. Nobody may change the rows of an UPDATE from before the
     * statement begins: its join sees them as they were then.
     */
    public static String keeping(Batching batching, String change) {
        if (batching.changedColumns().isEmpty()) {
            return keepingDeleted(batching, change);
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

    /** A DELETE returns the very rows that it deletes, whoever changed them a moment before. */
    private static String keepingDeleted(Batching batching, String change) {
        return "WITH gone AS (" + change + " RETURNING " + batching.alias() + ".*) INSERT INTO "
                + batching.beforeImages() + " SELECT * FROM gone";
    }

    /** The UPDATE or DELETE of one range, on a server that can: it returns the very rows that it overwrites. */
    static String keepingOld(Batching batching, String change) {
        if (batching.changedColumns().isEmpty()) {
            return keepingDeleted(batching, change);
        }
        String keys = batching.key().stream()
                .map(key -> "fermata_old." + key.name() + " AS " + column("key_", key.name()))
                .collect(Collectors.joining(", "));
        return "WITH changed AS (" + change + " RETURNING WITH (OLD AS fermata_old, NEW AS fermata_new) " + keys + ", "
                + columns(batching, c -> "fermata_old." + c + " AS " + column("before_", c)) + ", "
                + columns(batching, c -> "fermata_new." + c + " AS " + column("after_", c)) + ") INSERT INTO "
                + batching.beforeImages() + " SELECT * FROM changed";
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
