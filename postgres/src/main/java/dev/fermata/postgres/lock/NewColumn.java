package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.Routine;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.schema.UserType;
import java.util.ArrayList;
import java.util.List;

/**
 * A column that is about to be added, and whether each row has to be written for it. A value that is the same for all
 * rows is kept in the catalog instead; values that differ, and domains with constraints, are written.
 */
final class NewColumn {
    private final JsonNode column;
    private final SchemaModel schema;
    private final List<String> notes = new ArrayList<>();

    NewColumn(JsonNode column, SchemaModel schema) {
        this.column = column;
        this.schema = schema;
    }

    /** Whether rows that are there already get something other than null. */
    boolean hasValue() {
        return has("CONSTR_DEFAULT") || has("CONSTR_IDENTITY") || has("CONSTR_GENERATED") || isSerial();
    }

    Likelihood rewrites() {
        Likelihood rewrites = ofType();
        for (JsonNode node : column.path("constraints")) {
            JsonNode constraint = node.path("Constraint");
            rewrites = rewrites.or(
                    switch (constraint.path("contype").asText()) {
                        case "CONSTR_IDENTITY" -> YES;
                        case "CONSTR_GENERATED" ->
                            constraint.path("generated_kind").asText().equals("v") ? NO : YES;
                        case "CONSTR_DEFAULT" -> ofDefault(constraint);
                        default -> NO;
                    });
        }
        return rewrites;
    }

    /** Filled by {@link #rewrites}. */
    List<String> notes() {
        return notes;
    }

    private Likelihood ofDefault(JsonNode constraint) {
        Likelihood rewrites = NO;
        for (List<String> function : Nodes.qualifiedFunctionsOf(constraint)) {
            rewrites = rewrites.or(ofFunction(function));
        }
        return rewrites;
    }

    private Likelihood ofFunction(List<String> function) {
        String name = function.getLast();
        List<Routine> made = schema.routines().stream()
                .filter(routine -> routine.name().name().equals(name))
                .filter(routine -> function.size() == 1
                        ? schema.searchPath().contains(routine.name().schema())
                        : routine.name().schema().equals(function.get(function.size() - 2)))
                .toList();
        if (made.isEmpty()) {
            return Functions.rewriteAsDefault(List.of(name));
        }
        Likelihood rewrites = NO;
        for (Routine routine : made) {
            boolean isVolatile = routine.volatility() == Routine.Volatility.VOLATILE;
            if (isVolatile && routine.language().equals("sql")) {
                notes.add("the server may put the body of " + name + " in its place, and then judges that");
                rewrites = rewrites.or(DEPENDS);
            } else {
                rewrites = rewrites.or(isVolatile ? YES : NO);
            }
        }
        return made.size() == 1 || rewrites == NO ? rewrites : DEPENDS;
    }

    private Likelihood ofType() {
        if (isSerial()) {
            return YES;
        }
        List<String> names = Nodes.strings(column.path("typeName").path("names"));
        WrittenName name = Nodes.name(names, 0);
        return schema.type(name.schema(), name.name())
                .filter(type -> type.kind() == UserType.Kind.DOMAIN)
                .map(domain -> SqlType.isConstrained(domain, schema) ? YES : NO)
                .orElse(NO);
    }

    private boolean isSerial() {
        List<String> names = Nodes.strings(column.path("typeName").path("names"));
        return names.size() == 1 && ColumnLocks.SERIAL_TYPES.contains(names.getFirst());
    }

    private boolean has(String kind) {
        for (JsonNode node : column.path("constraints")) {
            if (node.path("Constraint").path("contype").asText().equals(kind)) {
                return true;
            }
        }
        return false;
    }
}
