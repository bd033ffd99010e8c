package dev.fermata.postgres.lock;

import java.util.Collection;
import java.util.Set;

/**
 * What is known of functions by name alone. A user may have made another of the same name, which is why nothing here
 * ever proves more than that a server without such tricks behaves so.
 */
public final class Functions {
    /** Each row gets another value, so a default that calls one is written into every row. */
    private static final Set<String> VOLATILE = Set.of(
            "random",
            "gen_random_uuid",
            "uuidv4",
            "uuidv7",
            "uuid_generate_v1",
            "uuid_generate_v1mc",
            "uuid_generate_v4",
            "clock_timestamp",
            "timeofday",
            "nextval",
            "setval",
            "random_normal");

    /** Lock nothing, and are the same for all rows of a statement. */
    private static final Set<String> HARMLESS = Set.of(
            "now",
            "transaction_timestamp",
            "statement_timestamp",
            "current_setting",
            "timezone",
            "date_trunc",
            "date_part",
            "extract",
            "make_date",
            "make_interval",
            "make_timestamptz",
            "to_char",
            "to_date",
            "to_timestamp",
            "age",
            "count",
            "sum",
            "avg",
            "min",
            "max",
            "array_agg",
            "string_agg",
            "bool_and",
            "bool_or",
            "jsonb_agg",
            "json_agg",
            "row_number",
            "rank",
            "dense_rank",
            "lag",
            "lead",
            "first_value",
            "last_value",
            "lower",
            "upper",
            "length",
            "char_length",
            "octet_length",
            "substring",
            "substr",
            "left",
            "right",
            "position",
            "strpos",
            "trim",
            "btrim",
            "ltrim",
            "rtrim",
            "replace",
            "regexp_replace",
            "regexp_matches",
            "split_part",
            "concat",
            "concat_ws",
            "format",
            "md5",
            "sha256",
            "encode",
            "decode",
            "repeat",
            "lpad",
            "rpad",
            "reverse",
            "chr",
            "ascii",
            "abs",
            "ceil",
            "ceiling",
            "floor",
            "round",
            "trunc",
            "mod",
            "power",
            "sqrt",
            "sign",
            "div",
            "generate_series",
            "unnest",
            "array_length",
            "cardinality",
            "array_append",
            "array_remove",
            "array_to_string",
            "string_to_array",
            "hashtext",
            "hashtextextended",
            "jsonb_build_object",
            "json_build_object",
            "jsonb_build_array",
            "jsonb_set",
            "jsonb_array_elements",
            "jsonb_object_keys",
            "jsonb_typeof",
            "jsonb_each",
            "jsonb_array_length",
            "jsonb_strip_nulls",
            "to_json",
            "to_jsonb",
            "row_to_json",
            "to_tsvector",
            "to_tsquery",
            "setweight",
            "int4range",
            "int8range",
            "numrange",
            "tsrange",
            "tstzrange",
            "daterange",
            "lower_inc",
            "upper_inc",
            "isempty");

    private Functions() {}

    /** Whether an ADD COLUMN with a default that calls these has to rewrite the table. */
    public static Likelihood rewriteAsDefault(Collection<String> functions) {
        Likelihood rewrite = Likelihood.NO;
        for (String function : functions) {
            rewrite = rewrite.or(
                    VOLATILE.contains(function)
                            ? Likelihood.YES
                            : HARMLESS.contains(function) ? Likelihood.NO : Likelihood.DEPENDS);
        }
        return rewrite;
    }

    /** Whether all of them are known to touch no table. */
    static boolean touchNoTables(Collection<String> functions) {
        return functions.stream()
                .allMatch(function ->
                        HARMLESS.contains(function) || (VOLATILE.contains(function) && !function.endsWith("val")));
    }
}
