package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.SHARE_ROW_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Dependant;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import java.util.List;
import java.util.Set;

/** What adding, dropping and changing a column does, apart from its type. */
final class ColumnEffects {
    private final EffectsBuilder effects;
    private final Relation table;
    private final List<Relation> tree;
    private final LockMode mode;

    /** @param tree the table, and those of its heirs and partitions that the statement is for */
    ColumnEffects(EffectsBuilder effects, Relation table, List<Relation> tree, LockMode mode) {
        this.effects = effects;
        this.table = table;
        this.tree = tree;
        this.mode = mode;
    }

    void add(JsonNode column, JsonNode command) {
        if (command.path("missing_ok").asBoolean()
                && table.column(column.path("colname").asText()).isPresent()) {
            return;
        }
        NewColumn added = new NewColumn(column, effects.facts().schema());
        tree.forEach(one -> effects.rewrite(one, added.rewrites()));
        added.notes().forEach(effects::note);
        for (JsonNode node : column.path("constraints")) {
            JsonNode constraint = node.path("Constraint");
            switch (constraint.path("contype").asText()) {
                case "CONSTR_CHECK" ->
                    tree.forEach(
                            one -> effects.scan(one, ACCESS_EXCLUSIVE, ColumnLocks.isValidated(constraint) ? YES : NO));
                case "CONSTR_UNIQUE", "CONSTR_PRIMARY" ->
                    effects.facts().partitionTree(table).forEach(one -> effects.scan(one, ACCESS_EXCLUSIVE, YES));
                case "CONSTR_NOTNULL" -> {
                    if (!added.hasValue()) {
                        tree.forEach(one -> effects.scan(one, ACCESS_EXCLUSIVE, YES));
                        effects.note("refused unless the table is empty: NOT NULL without a default");
                    }
                }
                case "CONSTR_FOREIGN" ->
                    // Without a default all values are null, and there is nothing to check.
                    new ForeignKeyEffects(effects).add(table, constraint, added.hasValue());
                default -> {}
            }
        }
    }

    void drop(String name, JsonNode command) {
        if (table.column(name).isEmpty()) {
            if (!command.path("missing_ok").asBoolean()) {
                effects.refuse(table.name() + " has no column '" + name + "'");
            }
            return;
        }
        boolean cascade = command.path("behavior").asText().equals("DROP_CASCADE");
        Set<String> column = Set.of(name);
        DropEffects drop = new DropEffects(effects, cascade);
        // Heirs are locked even if ONLY leaves them their column.
        effects.lock(table, ACCESS_EXCLUSIVE);
        table.children().forEach(child -> effects.lock(child, ACCESS_EXCLUSIVE));
        for (Relation one : tree) {
            effects.lock(one, ACCESS_EXCLUSIVE);
            for (Index index : one.indexes()) {
                if (SchemaFacts.uses(index, column)) {
                    drop.index(index);
                }
            }
            for (Constraint foreignKey : SchemaFacts.foreignKeys(one)) {
                if (foreignKey.columns().contains(name)) {
                    drop.foreignKey(foreignKey);
                }
            }
            for (Constraint foreignKey : effects.facts().foreignKeysTo(one)) {
                if (foreignKey.referencedColumns().contains(name)) {
                    drop.dependantForeignKey(foreignKey);
                }
            }
            effects.lockAll(effects.facts().ownedSequences(one, column), ACCESS_EXCLUSIVE);
            drop.views(one, column);
            effects.facts()
                    .users(one, column)
                    .filter(user -> Set.of("policy", "trigger", "rule", "generated column")
                            .contains(user.kind()))
                    .forEach(user -> drop.requireCascade("column '" + name + "'", text(user)));
        }
    }

    void setNotNull(String name, Set<String> droppedConstraints) {
        boolean already = table.column(name).map(Column::notNull).orElse(false);
        for (Relation one : already && effects.since(18) ? List.of(table) : tree) {
            effects.scan(one, ACCESS_EXCLUSIVE, NotNullProof.scans(one, name, droppedConstraints));
        }
    }

    /** Since 18 for virtual columns too, which are computed when they are read. */
    void setExpression(String name) {
        for (Relation one : tree) {
            boolean virtual = one.column(name)
                    .map(column -> column.generated() == Column.Generated.VIRTUAL)
                    .orElse(false);
            effects.rewrite(one, virtual ? NO : YES);
        }
    }

    void identity(String subtype, String name, JsonNode options) {
        // Identity of partitions follows that of their parent since 17.
        if (effects.since(17)) {
            effects.lockAll(effects.facts().partitionTree(table), mode);
        }
        for (Relation sequence : effects.facts().ownedSequences(table, Set.of(name))) {
            switch (subtype) {
                case "AT_SetIdentity" -> {
                    boolean onlyKind = Nodes.optionNames(options).equals(Set.of("generated"));
                    effects.add(sequence.name(), SHARE_ROW_EXCLUSIVE, YES, onlyKind ? NO : YES, NO);
                }
                case "AT_DropIdentity" -> effects.lock(sequence, ACCESS_EXCLUSIVE);
                default -> {}
            }
        }
    }

    private static String text(Dependant user) {
        return user.kind() + " " + user.name();
    }
}
