package dev.fermata.postgres.lock;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.schema.UserType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A type as a column has it: {@code character varying(20)} is {@code varchar} with the modifier 20.
 *
 * @param name as the catalog has it, so {@code int4} and not {@code integer}; with its schema if one was written
 * @param modifiers in parentheses; an interval with fields has none
 * @param array whether it is an array of it
 */
public record SqlType(String name, List<Integer> modifiers, boolean array) {
    private static final Pattern PRINTED =
            Pattern.compile("(?<name>[^(\\[]+)(\\((?<mods>[-0-9, ]+)\\))?(?<rest>[^\\[]*)(?<array>\\[\\])?");

    /** What format_type prints, to what the catalog calls it. */
    private static final Map<String, String> CATALOG_NAMES = Map.ofEntries(
            Map.entry("character varying", "varchar"),
            Map.entry("character", "bpchar"),
            Map.entry("integer", "int4"),
            Map.entry("smallint", "int2"),
            Map.entry("bigint", "int8"),
            Map.entry("boolean", "bool"),
            Map.entry("real", "float4"),
            Map.entry("double precision", "float8"),
            Map.entry("timestamp without time zone", "timestamp"),
            Map.entry("timestamp with time zone", "timestamptz"),
            Map.entry("time without time zone", "time"),
            Map.entry("time with time zone", "timetz"),
            Map.entry("bit varying", "varbit"));

    /** INTERVAL_FULL_RANGE of the server's timestamp.h. */
    private static final int ALL_FIELDS = 0x7FFF;

    private static final String INTERVAL_WITH_FIELDS = "interval of fields";

    public SqlType {
        modifiers = List.copyOf(modifiers);
    }

    /** As {@code format_type} prints it. */
    public static SqlType printed(String text) {
        Matcher matcher = PRINTED.matcher(text);
        if (!matcher.matches()) {
            return new SqlType(text, List.of(), false);
        }
        String name = (matcher.group("name").strip() + matcher.group("rest")).strip();
        List<Integer> modifiers = new ArrayList<>();
        if (matcher.group("mods") != null) {
            for (String one : matcher.group("mods").split(",")) {
                modifiers.add(Integer.parseInt(one.strip()));
            }
        }
        return new SqlType(CATALOG_NAMES.getOrDefault(name, name), modifiers, matcher.group("array") != null)
                .withDefaults();
    }

    /** As a statement has it. */
    public static SqlType written(JsonNode typeName) {
        List<String> names = Nodes.strings(typeName.path("names"));
        boolean builtIn = names.size() == 2 && names.getFirst().equals("pg_catalog");
        List<Integer> modifiers = new ArrayList<>();
        for (JsonNode modifier : typeName.path("typmods")) {
            modifiers.add(modifier.path("A_Const").path("ival").path("ival").asInt());
        }
        boolean fields =
                names.getLast().equals("interval") && !modifiers.isEmpty() && modifiers.getFirst() != ALL_FIELDS;
        return new SqlType(
                        fields
                                ? INTERVAL_WITH_FIELDS
                                : builtIn || names.size() == 1 ? names.getLast() : String.join(".", names),
                        modifiers,
                        typeName.has("arrayBounds"))
                .withDefaults();
    }

    /** {@code numeric(5)} is {@code numeric(5, 0)}; a parsed interval says first which fields it has. */
    private SqlType withDefaults() {
        if (name.equals("interval") && !modifiers.isEmpty() && modifiers.getFirst() == ALL_FIELDS) {
            return new SqlType(name, modifiers.subList(1, modifiers.size()), array);
        }
        if (name.equals("numeric") && modifiers.size() == 1) {
            return new SqlType(name, List.of(modifiers.getFirst(), 0), array);
        }
        return this;
    }

    /** Such as {@code interval day to second}. */
    boolean isIntervalWithFields() {
        return name.startsWith("interval ");
    }

    public Optional<UserType> userType(SchemaModel schema) {
        int dot = name.lastIndexOf('.');
        String unquoted = name.substring(dot + 1).replace("\"", "");
        return schema.type(dot < 0 ? "" : name.substring(0, dot).replace("\"", ""), unquoted);
    }

    /** Through all domains down to what is stored. */
    public SqlType base(SchemaModel schema) {
        Optional<UserType> type = userType(schema);
        String base = type.map(UserType::baseType).orElse(null);
        return base == null || array ? this : printed(base).base(schema);
    }

    boolean isConstrainedDomain(SchemaModel schema) {
        return userType(schema)
                .filter(type -> type.kind() == UserType.Kind.DOMAIN)
                .map(type -> isConstrained(type, schema))
                .orElse(false);
    }

    /** Whether the domain, or one that it is made of, has a constraint. */
    static boolean isConstrained(UserType domain, SchemaModel schema) {
        String base = domain.baseType();
        return !domain.constraints().isEmpty() || (base != null && printed(base).isConstrainedDomain(schema));
    }
}
