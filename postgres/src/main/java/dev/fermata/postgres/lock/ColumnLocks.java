package dev.fermata.postgres.lock;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What adding columns and constraints locks, alone or as part of a new table. */
final class ColumnLocks {
    static final Set<String> SERIAL_TYPES =
            Set.of("serial", "bigserial", "smallserial", "serial2", "serial4", "serial8");

    /**
     * Types that are no domains whatever the catalog says, besides all that the grammar itself puts into pg_catalog.
     */
    private static final Set<String> PLAIN_TYPES = Set.of(
            "text",
            "uuid",
            "date",
            "json",
            "jsonb",
            "bytea",
            "inet",
            "cidr",
            "macaddr",
            "int2",
            "int4",
            "int8",
            "float4",
            "float8",
            "bool",
            "timestamptz",
            "timetz",
            "money",
            "oid",
            "name",
            "xml",
            "point",
            "tsvector",
            "tsquery",
            "int4range",
            "int8range",
            "numrange",
            "tsrange",
            "tstzrange",
            "daterange",
            "hstore",
            "citext");

    private ColumnLocks() {}

    /** ALTER TABLE ... ADD COLUMN on {@code table}. */
    static void addColumn(ProfileBuilder profile, WrittenName table, JsonNode column) {
        Likelihood rewrites = ofType(column.path("typeName"));
        Likelihood scans = rewrites;
        boolean hasDefault = hasConstraint(column, "CONSTR_DEFAULT");
        for (JsonNode node : column.path("constraints")) {
            JsonNode constraint = node.path("Constraint");
            switch (constraint.path("contype").asText()) {
                case "CONSTR_DEFAULT" -> {
                    Likelihood rewrite = Functions.rewriteAsDefault(Nodes.functionsOf(constraint));
                    rewrites = rewrites.or(rewrite);
                    scans = scans.or(rewrite);
                }
                case "CONSTR_IDENTITY" -> {
                    rewrites = Likelihood.YES;
                    scans = Likelihood.YES;
                }
                case "CONSTR_GENERATED" -> {
                    if (!constraint.path("generated_kind").asText().equals("v")) {
                        rewrites = Likelihood.YES;
                        scans = Likelihood.YES;
                    }
                }
                case "CONSTR_CHECK" -> scans = scans.or(isValidated(constraint) ? Likelihood.YES : Likelihood.NO);
                case "CONSTR_UNIQUE", "CONSTR_PRIMARY" -> scans = Likelihood.YES;
                case "CONSTR_NOTNULL" -> scans = scans.or(hasDefault ? Likelihood.NO : Likelihood.DEPENDS);
                case "CONSTR_FOREIGN" -> {
                    // Without a default all values are null, and there is nothing to check.
                    Likelihood checks = hasDefault ? Likelihood.YES : Likelihood.NO;
                    scans = scans.or(checks);
                    lockReferenced(profile, constraint, checks);
                }
                default -> {}
            }
        }
        profile.lock(table, LockMode.ACCESS_EXCLUSIVE, rewrites, scans);
    }

    /** ALTER TABLE ... ADD CONSTRAINT on {@code table}. */
    static void addConstraint(ProfileBuilder profile, WrittenName table, JsonNode constraint) {
        Likelihood validates = isValidated(constraint) ? Likelihood.YES : Likelihood.NO;
        switch (constraint.path("contype").asText()) {
            case "CONSTR_FOREIGN" -> {
                profile.lock(table, LockMode.SHARE_ROW_EXCLUSIVE, Likelihood.NO, validates);
                lockReferenced(profile, constraint, validates);
            }
            case "CONSTR_CHECK", "CONSTR_NOTNULL" ->
                profile.lock(table, LockMode.ACCESS_EXCLUSIVE, Likelihood.NO, validates);
            case "CONSTR_UNIQUE" ->
                profile.lock(
                        table,
                        LockMode.ACCESS_EXCLUSIVE,
                        Likelihood.NO,
                        constraint.has("indexname") ? Likelihood.NO : Likelihood.YES);
            case "CONSTR_PRIMARY" ->
                profile.lock(
                        table,
                        LockMode.ACCESS_EXCLUSIVE,
                        Likelihood.NO,
                        constraint.has("indexname") ? Likelihood.DEPENDS : Likelihood.YES);
            default -> profile.lock(table, LockMode.ACCESS_EXCLUSIVE, Likelihood.NO, Likelihood.YES);
        }
    }

    /** The tables that the foreign keys of a new table point to; its own rows are none. */
    static void newTable(ProfileBuilder profile, JsonNode tableElements) {
        foreignKeys(tableElements).forEach(constraint -> lockReferenced(profile, constraint, Likelihood.NO));
    }

    /** The foreign keys of a new table, those of single columns too. */
    static List<JsonNode> foreignKeys(JsonNode tableElements) {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode element : tableElements) {
            found.add(element.path("Constraint"));
            element.path("ColumnDef").path("constraints").forEach(inline -> found.add(inline.path("Constraint")));
        }
        found.removeIf(constraint -> !isForeignKey(constraint));
        return found;
    }

    static String kind(JsonNode constraint) {
        String kind =
                switch (constraint.path("contype").asText()) {
                    case "CONSTR_FOREIGN" -> "FOREIGN KEY";
                    case "CONSTR_PRIMARY" -> "PRIMARY KEY";
                    case "CONSTR_UNIQUE" -> "UNIQUE";
                    case "CONSTR_CHECK" -> "CHECK";
                    case "CONSTR_NOTNULL" -> "NOT NULL";
                    case "CONSTR_EXCLUSION" -> "EXCLUDE";
                    default -> "CONSTRAINT";
                };
        String index = constraint.has("indexname") ? " USING INDEX" : "";
        boolean later = constraint.path("skip_validation").asBoolean();
        return kind + index + (later ? " NOT VALID" : "");
    }

    private static void lockReferenced(ProfileBuilder profile, JsonNode constraint, Likelihood scans) {
        profile.lock(Nodes.name(constraint.path("pktable")), LockMode.SHARE_ROW_EXCLUSIVE, Likelihood.NO, scans);
    }

    static boolean isValidated(JsonNode constraint) {
        return !constraint.path("skip_validation").asBoolean();
    }

    /** Since 18 a CHECK or foreign key may be NOT ENFORCED, which is then true of no row and checked for none. */
    static boolean isEnforced(JsonNode constraint) {
        return constraint.path("is_enforced").asBoolean();
    }

    private static boolean isForeignKey(JsonNode constraint) {
        return constraint.path("contype").asText().equals("CONSTR_FOREIGN");
    }

    private static boolean hasConstraint(JsonNode column, String type) {
        for (JsonNode constraint : column.path("constraints")) {
            if (constraint.path("Constraint").path("contype").asText().equals(type)) {
                return true;
            }
        }
        return false;
    }

    /**
     * A new column of a domain with a constraint rewrites the table, and whether a name is a domain the catalog knows.
     */
    private static Likelihood ofType(JsonNode typeName) {
        List<String> names = Nodes.strings(typeName.path("names"));
        String last = names.isEmpty() ? "" : names.getLast().toLowerCase(Locale.ROOT);
        if (names.size() == 1 && SERIAL_TYPES.contains(last)) {
            return Likelihood.YES;
        }
        boolean builtIn = names.size() == 2 && names.getFirst().equals("pg_catalog");
        return builtIn || PLAIN_TYPES.contains(last) ? Likelihood.NO : Likelihood.DEPENDS;
    }
}
