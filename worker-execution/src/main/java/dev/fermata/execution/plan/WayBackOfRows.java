package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.execution.step.Images;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What puts back the rows that an UPDATE or DELETE overwrote, out of what was kept: by its pages, as nobody changes it and it
 * lies in the order of the keys as it is; or all at once where a part of the rows would not be let in alone.
 */
final class WayBackOfRows {
    private final Batching batching;
    private final String images;

    /** @param batching of the change */
    WayBackOfRows(Batching batching) {
        this.batching = batching;
        this.images = Objects.requireNonNull(batching.beforeImages());
    }

    List<Unit> units(boolean atOnce) {
        boolean update = !batching.changedColumns().isEmpty();
        String back = update ? values() : rows();
        String end = update ? "DROP TABLE IF EXISTS " + images : end();
        if (atOnce) {
            return List.of(Unit.transaction(back.replace(Batching.RANGE, "true"), end));
        }
        Batching kept = new Batching(images, "kept", List.of(), Keys.ROWS_PER_BATCH, null, List.of());
        return List.of(Unit.batches(back, kept), Unit.transaction(end));
    }

    /** Each value goes back only where it still is what the step wrote: later writes of the application stay. */
    private String values() {
        String set = columns(
                c -> c + " = CASE WHEN " + unchanged(c) + " THEN kept." + DataChange.prefixed("before_", c)
                        + " ELSE now." + c + " END",
                ", ");
        String any = columns(WayBackOfRows::unchanged, " OR ");
        return "UPDATE " + batching.table() + " AS now SET " + set + " FROM " + images + " AS kept WHERE "
                + sameKey("now", "") + " AND (" + any + ") AND " + Batching.RANGE;
    }

    /** Byte by byte, as not every type has an equality (PostgreSQL documentation, 9.25.6). */
    private static String unchanged(String column) {
        return "ROW(now." + column + ")::record *= ROW(kept." + DataChange.prefixed("after_", column) + ")::record";
    }

    private String columns(UnaryOperator<String> each, String separator) {
        return batching.changedColumns().stream().map(each).collect(Collectors.joining(separator));
    }

    private String sameKey(String alias, String prefix) {
        return batching.key().stream()
                .map(column -> alias + "." + DataChange.prefixed(prefix, column.name()) + " = kept." + column.name())
                .collect(Collectors.joining(" AND "));
    }

    /**
     * Rows come back unless the application has put others in their place; what is computed is computed again. What came
     * back is kept no longer, so that in the end only the others are left. Which columns there are is known then: some may
     * rest in the attic, and no snapshot has them.
     */
    private String rows() {
        String keys = batching.key().stream()
                .map(column -> column.name() + " AS " + DataChange.prefixed("key_", column.name()))
                .collect(Collectors.joining(", "));
        String columns = "SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute AS a JOIN pg_attribute AS k"
                + " ON k.attname = a.attname AND k.attnum > 0 AND NOT k.attisdropped WHERE a.attrelid = "
                + Sql.literal(batching.table()) + "::regclass AND k.attrelid = " + Sql.literal(images)
                + "::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''";
        String back = "format('WITH back AS (INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM %3$s AS"
                + " kept WHERE %4$s ON CONFLICT DO NOTHING RETURNING %5$s) DELETE FROM %3$s AS kept USING back WHERE"
                + " %6$s AND %4$s', " + Sql.literal(batching.table()) + ", c, " + Sql.literal(images) + ", r, "
                + Sql.literal(keys) + ", " + Sql.literal(sameKey("back", "key_")) + ")";
        return "DO $fermata$ DECLARE c text; r text := $range$" + Batching.RANGE + "$range$; BEGIN c := (" + columns
                + "); EXECUTE " + back + "; END $fermata$";
    }

    /** Rows that did not come back are nowhere else, so they stay in the attic, in a table that says what it is. */
    private String end() {
        String left = Images.left(images);
        String what = "rows that were deleted from " + batching.table()
                + " and did not go back, as others stand in their place";
        return "DO "
                + Sql.literal("BEGIN IF to_regclass(" + Sql.literal(images) + ") IS NULL THEN RETURN; END IF;"
                        + " IF EXISTS (SELECT FROM " + images + ") THEN"
                        + " IF to_regclass(" + Sql.literal(left) + ") IS NULL THEN"
                        + " CREATE TABLE " + left + " (LIKE " + images + ");"
                        + " COMMENT ON TABLE " + left + " IS " + Sql.literal(what) + "; END IF;"
                        + " INSERT INTO " + left + " SELECT * FROM " + images + "; END IF;"
                        + " DROP TABLE " + images + "; END");
    }
}
