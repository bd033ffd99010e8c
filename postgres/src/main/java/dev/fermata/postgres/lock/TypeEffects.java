package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ROW_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE_ROW_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.ColumnName;
import java.util.Set;

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

    static void alterSequence(JsonNode node, EffectsBuilder effects) {
        WrittenName name = Nodes.name(node.path("sequence"));
        effects.require(name).ifPresent(sequence -> {
            Set<String> options = Nodes.optionNames(node.path("options"));
            boolean onlyOwner = options.equals(Set.of("owned_by"));
            effects.add(sequence.name(), SHARE_ROW_EXCLUSIVE, YES, onlyOwner ? Likelihood.NO : YES, Likelihood.NO);
        });
        owner(node, effects);
    }

    /** OWNED BY table.column. */
    static void owner(JsonNode node, EffectsBuilder effects) {
        Nodes.option(node.path("options"), "owned_by").map(Nodes::strings).ifPresent(parts -> {
            if (parts.size() > 1) {
                effects.require(Nodes.name(parts, 1)).ifPresent(table -> effects.lock(table, LockMode.ACCESS_SHARE));
            }
        });
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
