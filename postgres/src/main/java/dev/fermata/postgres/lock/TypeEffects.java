package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ROW_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.SHARE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.ColumnName;

/** Domains, composite types and sequences: what is no table, and yet locks tables. */
final class TypeEffects {
    private TypeEffects() {}

    static void alterDomain(JsonNode node, EffectsBuilder effects) {
        JsonNode constraint = node.path("def").path("Constraint");
        boolean checks =
                switch (node.path("subtype").asText()) {
                    case "C" -> ColumnLocks.isValidated(constraint);
                    case "O", "V" -> true;
                    default -> false;
                };
        WrittenName name = Nodes.name(Nodes.strings(node.path("typeName")), 0);
        effects.facts()
                .schema()
                .type(name.schema(), name.name())
                .ifPresentOrElse(
                        domain -> {
                            if (checks) {
                                domain.usedBy().forEach(column -> read(effects, column));
                            }
                        },
                        () -> effects.missing(name));
    }

    private static void read(EffectsBuilder effects, ColumnName column) {
        effects.facts().schema().relation(column.table()).ifPresent(table -> effects.scan(table, SHARE, YES));
    }

    /** ALTER TYPE of a composite type. Tables that were made OF the type follow, and no list of them is at hand. */
    static void alterComposite(WrittenName name, boolean cascade, EffectsBuilder effects) {
        effects.require(name).ifPresent(type -> effects.lock(type, ACCESS_EXCLUSIVE));
        if (!cascade) {
            effects.note("refused if a table was created OF the type, or if a column has the type and its data change");
            return;
        }
        effects.others("tables that were created OF the type are locked ACCESS EXCLUSIVE, and changed as it is");
    }

    /** COPY ... FROM and TO. */
    static void copy(JsonNode node, EffectsBuilder effects) {
        if (node.has("query")) {
            QueryEffects.planned(node.path("query"), effects);
            return;
        }
        boolean from = node.path("is_from").asBoolean();
        effects.require(Nodes.name(node.path("relation")))
                .ifPresent(table ->
                        effects.scan(table, from ? ROW_EXCLUSIVE : LockMode.ACCESS_SHARE, from ? Likelihood.NO : YES));
    }
}
