package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.Column;
import java.util.Optional;
import java.util.Set;

/**
 * How the values of a column become those of its new type, and how new ones become old ones again.
 *
 * @param forth SQL in which the columns of the table are named. It is assigned and not cast, so that a value that is too
 *     long is refused and not cut, as it is by the server.
 * @param zone in which timestamps are read either way, as a literal; empty where they are not
 * @param known whether the way back is known to undo it, as it does a cast; not so for what authors write otherwise
 */
record Conversion(String forth, String zone, boolean known) {
    private static final Set<String> TIMESTAMPS = Set.of("timestamp without time zone", "timestamp with time zone");

    /**
     * The author's.
     *
     * @param using what stands behind USING, parsed; a missing node for nothing
     * @param written the same as it is written
     */
    static Conversion of(Column old, Column wanted, JsonNode using, String written) {
        if (written.isEmpty()) {
            return new Conversion(Sql.quote(old.name()), "", true);
        }
        boolean timestamps =
                TIMESTAMPS.contains(withoutModifier(old.type())) && TIMESTAMPS.contains(withoutModifier(wanted.type()));
        Optional<String> zone = timestamps ? zone(using.path("FuncCall"), old.name()) : Optional.empty();
        boolean cast = isColumn(using.path("TypeCast").path("arg"), old.name());
        return new Conversion(written, zone.map(Sql::literal).orElse(""), cast || zone.isPresent());
    }

    /** By a cast, also where the server would not choose it by itself. */
    static Conversion cast(Column old, Column wanted) {
        return new Conversion(Sql.quote(old.name()) + "::" + castTarget(wanted.type()), "", true);
    }

    /** {@code AT TIME ZONE 'zone'}. */
    private static Optional<String> zone(JsonNode call, String column) {
        JsonNode names = call.path("funcname");
        String name = names.path(names.size() - 1).path("String").path("sval").asText("");
        JsonNode arguments = call.path("args");
        String zone =
                arguments.path(0).path("A_Const").path("sval").path("sval").asText("");
        return name.equals("timezone") && arguments.size() == 2 && isColumn(arguments.path(1), column)
                ? Optional.of(zone).filter(text -> !text.isEmpty())
                : Optional.empty();
    }

    private static boolean isColumn(JsonNode node, String column) {
        JsonNode fields = node.path("ColumnRef").path("fields");
        return fields.size() == 1
                && fields.path(0).path("String").path("sval").asText("").equals(column);
    }

    /** @param value of the new type, as SQL */
    String back(String value, String type) {
        return zone.isEmpty() ? value + "::" + castTarget(type) : value + " AT TIME ZONE " + zone;
    }

    private static String withoutModifier(String type) {
        return type.replaceFirst("\\(\\d+(,-?\\d+)?\\)", "");
    }

    /** Without a length: a cast to one cuts silently what is too long, which the assignment that follows refuses. */
    private static String castTarget(String type) {
        String base = withoutModifier(type);
        return switch (base) {
            case "character varying", "bit varying" -> base;
            case "character" -> "bpchar";
            case "bit" -> "\"bit\""; // without quotes it is one bit long
            default -> type;
        };
    }
}
