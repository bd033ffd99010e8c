package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;
import static dev.fermata.postgres.lock.LockMode.ROW_SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE_UPDATE_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** ADD, VALIDATE, ALTER and DROP CONSTRAINT. */
final class ConstraintEffects {
    private final EffectsBuilder effects;
    private final Relation table;

    ConstraintEffects(EffectsBuilder effects, Relation table) {
        this.effects = effects;
        this.table = table;
    }

    /** @param tree the table and those heirs and partitions that the statement is for */
    void add(JsonNode constraint, List<Relation> tree, Set<String> dropped) {
        boolean validated = ColumnLocks.isValidated(constraint);
        switch (constraint.path("contype").asText()) {
            case "CONSTR_FOREIGN" ->
                new ForeignKeyEffects(effects).add(table, constraint, ForeignKeyEffects.isChecked(constraint));
            case "CONSTR_CHECK" -> {
                boolean own = constraint.path("is_no_inherit").asBoolean();
                if (!own && tree.size() == 1 && !table.children().isEmpty()) {
                    effects.refuse(table.name() + " has children, and ONLY would leave them out");
                }
                boolean checked = validated && ColumnLocks.isEnforced(constraint);
                effects.lockAll(own && !effects.since(18) ? List.of(table) : tree, ACCESS_EXCLUSIVE);
                (own ? List.of(table) : tree).forEach(one -> effects.scan(one, ACCESS_EXCLUSIVE, checked ? YES : NO));
            }
            case "CONSTR_NOTNULL" -> {
                List<String> keys = Nodes.strings(constraint.path("keys"));
                tree.forEach(one -> effects.scan(
                        one, ACCESS_EXCLUSIVE, validated ? NotNullProof.scans(one, keys.getFirst(), dropped) : NO));
            }
            case "CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_EXCLUSION" -> addWithIndex(constraint, tree);
            default -> {}
        }
    }

    private void addWithIndex(JsonNode constraint, List<Relation> tree) {
        boolean primary = constraint.path("contype").asText().equals("CONSTR_PRIMARY");
        if (constraint.has("indexname")) {
            usingIndex(constraint, primary);
            return;
        }
        List<Relation> built = effects.facts().partitionTree(table);
        effects.lockAll(built, SHARE);
        built.forEach(one -> effects.scan(one, SHARE, YES));
        effects.lock(table, ACCESS_EXCLUSIVE);
        if (effects.since(18)) {
            effects.lockAll(tree, ACCESS_EXCLUSIVE);
        }
        if (primary) {
            notNull(Nodes.strings(constraint.path("keys")), tree);
        }
    }

    /** A primary key makes its columns NOT NULL, in heirs too. */
    private void notNull(List<String> columns, List<Relation> tree) {
        for (String column : columns) {
            boolean already = table.column(column).map(Column::notNull).orElse(false);
            if (!already) {
                tree.forEach(one -> effects.scan(one, ACCESS_EXCLUSIVE, NotNullProof.scans(one, column, Set.of())));
            }
        }
    }

    private void usingIndex(JsonNode constraint, boolean primary) {
        String name = constraint.path("indexname").asText();
        Optional<Index> index = table.indexes().stream()
                .filter(one -> one.name().name().equals(name))
                .findFirst();
        if (index.isEmpty()) {
            effects.missing(new WrittenName("", name));
            return;
        }
        boolean renamed = constraint.has("conname")
                && !constraint.path("conname").asText().equals(name);
        effects.lock(index.get().name(), renamed ? SHARE_UPDATE_EXCLUSIVE : ACCESS_SHARE);
        if (primary) {
            notNull(index.get().keys(), List.of(table));
        }
    }

    void validate(String name, List<Relation> tree) {
        Optional<Constraint> found = table.constraint(name);
        if (found.isEmpty()) {
            effects.refuse(table.name() + " has no constraint '" + name + "'");
            return;
        }
        Constraint constraint = found.get();
        if (constraint.validated()) {
            return;
        }
        if (constraint.kind() == Constraint.Kind.FOREIGN_KEY) {
            effects.facts().referenced(constraint).ifPresent(to -> {
                effects.lockAll(effects.facts().partitionTree(to), ROW_SHARE);
                new ForeignKeyEffects(effects)
                        .check(effects.facts().partitionTree(table), to, SHARE_UPDATE_EXCLUSIVE, ROW_SHARE);
            });
        } else {
            tree.forEach(one -> effects.scan(one, SHARE_UPDATE_EXCLUSIVE, YES));
        }
    }

    void alter(JsonNode detail) {
        JsonNode altered =
                detail.has("ATAlterConstraint") ? detail.path("ATAlterConstraint") : detail.path("Constraint");
        table.constraint(altered.path("conname").asText()).ifPresent(constraint -> {
            effects.lockAll(effects.facts().partitionTree(table), ACCESS_EXCLUSIVE);
            if (detail.has("ATAlterConstraint")
                    && altered.path("alterEnforceability").asBoolean()) {
                effects.others("making it enforced locks and checks the other table as well");
            }
        });
    }

    void drop(String name, JsonNode command, boolean inherits) {
        Optional<Constraint> found = table.constraint(name);
        if (found.isEmpty()) {
            if (!command.path("missing_ok").asBoolean()) {
                effects.refuse(table.name() + " has no constraint '" + name + "'");
            }
            return;
        }
        Constraint constraint = found.get();
        DropEffects drop =
                new DropEffects(effects, command.path("behavior").asText().equals("DROP_CASCADE"));
        switch (constraint.kind()) {
            case FOREIGN_KEY -> drop.foreignKey(constraint);
            case PRIMARY_KEY, UNIQUE, EXCLUSION -> {
                effects.lockAll(effects.facts().partitionTree(table), ACCESS_EXCLUSIVE);
                drop.constraintIndex(table, constraint);
            }
            case CHECK, NOT_NULL -> {
                boolean own = constraint.definition().contains("NO INHERIT");
                effects.lockAll(inherits && !own ? effects.facts().tree(table) : List.of(table), ACCESS_EXCLUSIVE);
            }
        }
    }
}
