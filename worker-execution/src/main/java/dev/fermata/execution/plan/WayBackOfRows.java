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
        String end = update ? "DROP TABLE IF EXISTS " + images : end();
        if (atOnce) {
            return List.of(Unit.transaction(update ? values("true") : rows("true"), end));
        }
        Batching kept = new Batching(images, "kept", List.of(), Keys.ROWS_PER_BATCH, null, List.of());
        return List.of(
                Unit.batches(update ? valuesOneByOneWhereTheyMust() : rows(Batching.RANGE), kept),
                Unit.transaction(end));
    }

    /** Each value goes back only where it still is what the step wrote: later writes of the application stay. */
    private String values(String range) {
        String set = columns(
                c -> c + " = CASE WHEN " + unchanged(c) + " THEN kept." + DataChange.prefixed("before_", c)
                        + " ELSE now." + c + " END",
                ", ");
        String any = columns(WayBackOfRows::unchanged, " OR ");
        return "UPDATE " + batching.table() + " AS now SET " + set + " FROM " + images + " AS kept WHERE "
                + sameKey("now", "") + " AND (" + any + ") AND " + range;
    }

    /** Where one of a range is not let in, as others have taken its value, the others of the range go back all the same. */
    private String valuesOneByOneWhereTheyMust() {
        String left = Images.left(images);
        return "DO $fermata$ DECLARE fermata_rest tid[]; fermata_stuck tid[]; fermata_one tid; BEGIN "
                + oneByOneWhereTheyMust(
                        values(Batching.RANGE),
                        "fermata_rest := ARRAY(SELECT kept.ctid FROM " + images + " AS kept WHERE " + Batching.RANGE
                                + ")",
                        values("kept.ctid = fermata_one"),
                        "IF cardinality(fermata_stuck) > 0 THEN CREATE TABLE IF NOT EXISTS " + left + " (LIKE " + images
                                + "); COMMENT ON TABLE " + left + " IS "
                                + Sql.literal("what was in rows of " + batching.table() + " and did not go back, as"
                                        + " others have taken its place or what it refers to is gone")
                                + "; INSERT INTO " + left + " SELECT kept.* FROM " + images
                                + " AS kept WHERE kept.ctid = ANY (fermata_stuck); END IF;")
                + " END $fermata$";
    }

    /**
     * The constraints hold at the end of each statement, also those that could wait. Passes go on as long as one of them lets
     * a row in: rows may need each other.
     */
    private static String oneByOneWhereTheyMust(String all, String rest, String one, String stuck) {
        return "SET CONSTRAINTS ALL IMMEDIATE; BEGIN " + all + "; EXCEPTION WHEN integrity_constraint_violation THEN "
                + rest + "; LOOP fermata_stuck := '{}'; FOREACH fermata_one IN ARRAY fermata_rest LOOP BEGIN " + one
                + "; EXCEPTION WHEN integrity_constraint_violation THEN fermata_stuck := fermata_stuck || fermata_one;"
                + " END; END LOOP; EXIT WHEN cardinality(fermata_stuck) IN (0, cardinality(fermata_rest));"
                + " fermata_rest := fermata_stuck; END LOOP; " + stuck + " END;";
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
     * Rows come back unless the application has put others in their place, or taken away what they refer to; what is computed
     * is computed again. What came back is kept no longer, so that in the end only the others are left. Which columns there
     * are is known then: some may rest in the attic, and no snapshot has them. ON CONFLICT is refused where a key may wait
     * (PostgreSQL documentation, INSERT).
     */
    private String rows(String range) {
        String keys = batching.key().stream()
                .map(column -> column.name() + " AS " + DataChange.prefixed("key_", column.name()))
                .collect(Collectors.joining(", "));
        String table = Sql.literal(batching.table());
        String columns = "SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute AS a JOIN pg_attribute AS k"
                + " ON k.attname = a.attname AND k.attnum > 0 AND NOT k.attisdropped WHERE a.attrelid = " + table
                + "::regclass AND k.attrelid = " + Sql.literal(images)
                + "::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''";
        String conflict = "SELECT CASE WHEN EXISTS (SELECT FROM pg_index WHERE indrelid = " + table
                + "::regclass AND NOT indimmediate) THEN '' ELSE 'ON CONFLICT DO NOTHING' END";
        String back =
                "EXECUTE format('WITH back AS (INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM %3$s"
                        + " AS kept WHERE %4$s %7$s RETURNING %5$s) DELETE FROM %3$s AS kept USING back WHERE"
                        + " %6$s AND %4$s', " + table + ", c, " + Sql.literal(images) + ", r, " + Sql.literal(keys)
                        + ", "
                        + Sql.literal(sameKey("back", "key_")) + ", x)";
        return "DO $fermata$ DECLARE c text := (" + columns + "); x text := (" + conflict + "); r text := $range$"
                + range
                + "$range$; fermata_rest tid[]; fermata_stuck tid[]; fermata_one tid; BEGIN "
                + oneByOneWhereTheyMust(
                        back,
                        "EXECUTE 'SELECT array_agg(kept.ctid) FROM ' || " + Sql.literal(images)
                                + " || ' AS kept WHERE '" + " || r INTO fermata_rest",
                        "r := format('kept.ctid = %L', fermata_one); " + back,
                        "")
                + " END $fermata$";
    }

    /** Rows that did not come back are nowhere else, so they stay in the attic, in a table that says what it is. */
    private String end() {
        String left = Images.left(images);
        String what = "rows that were deleted from " + batching.table()
                + " and did not go back, as others stand in their place or what they refer to is gone";
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
