package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A type as a statement writes it. The grammar turns {@code integer} into {@code pg_catalog.int4}; {@link #sql} turns it
 * back.
 *
 * @param schema empty if none was written; {@code pg_catalog} for the types that have a keyword of their own
 * @param name such as {@code int4}, {@code varchar}, {@code serial}
 * @param modifiers the numbers in brackets, {@code [10, 2]} for {@code numeric(10, 2)}; what is no number is left out
 * @param offset in the statement's text, -1 if unknown
 */
public record TypeName(String schema, String name, List<Integer> modifiers, boolean array, int offset) {
    private static final Map<String, String> SQL_NAMES = Map.ofEntries(
            Map.entry("int2", "smallint"),
            Map.entry("int4", "integer"),
            Map.entry("int8", "bigint"),
            Map.entry("float4", "real"),
            Map.entry("float8", "double precision"),
            Map.entry("bool", "boolean"),
            Map.entry("bpchar", "character"),
            Map.entry("varchar", "character varying"),
            Map.entry("timestamp", "timestamp without time zone"),
            Map.entry("timestamptz", "timestamp with time zone"),
            Map.entry("time", "time without time zone"),
            Map.entry("timetz", "time with time zone"),
            Map.entry("varbit", "bit varying"));

    public TypeName {
        modifiers = List.copyOf(modifiers);
    }

    /** @param node the content of a TypeName */
    public static TypeName of(JsonNode node) {
        List<String> names = Nodes.strings(node.path("names"));
        List<Integer> modifiers = new ArrayList<>();
        for (JsonNode modifier : node.path("typmods")) {
            JsonNode number = modifier.path("A_Const").path("ival");
            if (!number.isMissingNode()) {
                modifiers.add(number.path("ival").asInt());
            }
        }
        return new TypeName(
                names.size() > 1 ? names.get(names.size() - 2) : "",
                names.isEmpty() ? "" : names.getLast(),
                modifiers,
                node.has("arrayBounds"),
                node.path("location").asInt(-1));
    }

    /** Whether it is this type itself, not an array of it, in {@code pg_catalog} or without a schema. */
    public boolean is(String... names) {
        return !array
                && (schema.isEmpty() || schema.equals("pg_catalog"))
                && List.of(names).contains(name);
    }

    /** {@code serial} and its kin, which are no types but a shorthand for a sequence. */
    public boolean isSerial() {
        return is("serial", "serial2", "serial4", "serial8", "bigserial", "smallserial");
    }

    /** As the server prints it: {@code character varying(10)}. */
    public String sql() {
        String base = SQL_NAMES.getOrDefault(name, name);
        String brackets = modifiers.isEmpty()
                ? ""
                : "(" + String.join(",", modifiers.stream().map(String::valueOf).toList()) + ")";
        String prefix = schema.isEmpty() || schema.equals("pg_catalog") ? "" : schema + ".";
        int space = base.indexOf(' ');
        String sized = base.startsWith("time") && space > 0
                ? base.substring(0, space) + brackets + base.substring(space)
                : base + brackets;
        return prefix + sized + (array ? "[]" : "");
    }
}
