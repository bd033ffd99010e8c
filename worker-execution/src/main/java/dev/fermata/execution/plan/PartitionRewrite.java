package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Phase;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.AlterCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * ATTACH PARTITION without reading the new partition, or the default one, under its lock: a CHECK that was validated before
 * says that all rows are where they belong (PostgreSQL documentation, 5.12.2.2).
 */
final class PartitionRewrite {
    private PartitionRewrite() {}

    /** Empty where it stays as it is written. */
    static Optional<List<Draft>> attach(Scene scene, QualifiedName parent, AlterCommand command) {
        Optional<QualifiedName> partition = command.otherTable()
                .flatMap(name -> scene.before().schema().relation(name.schema(), name.name()))
                .map(Relation::name);
        Optional<String> condition =
                partition.map(name -> scene.after().partitionConditions().get(name));
        if (partition.isEmpty() || condition.isEmpty()) {
            return Optional.empty();
        }
        List<Draft> drafts = new ArrayList<>();
        List<String> after = new ArrayList<>();
        if (!scene.isNew(partition.get())) {
            after.add(prove(scene, drafts, partition.get(), condition.get()));
        }
        scene.relation(parent).stream()
                .flatMap(relation -> relation.children().stream())
                .flatMap(child -> scene.relation(child).stream())
                .filter(Relation::isDefaultPartition)
                .map(Relation::name)
                .forEach(other -> after.add(prove(
                        scene,
                        drafts,
                        other,
                        Optional.ofNullable(scene.after().partitionConditions().get(other))
                                .orElse("NOT (" + condition.get() + ")"))));
        List<String> attach = new ArrayList<>();
        attach.add(scene.piece().sql());
        attach.addAll(after);
        drafts.add(Draft.transaction(
                Phase.EXPAND,
                after.isEmpty()
                        ? "as written"
                        : "the CHECK proves that every row belongs here, so that none is read; it is not needed any"
                                + " more",
                Reversal.of(scene),
                attach));
        return Optional.of(drafts);
    }

    /** Gives what drops the proof. */
    private static String prove(Scene scene, List<Draft> drafts, QualifiedName table, String condition) {
        String check = Sql.quote("fermata_proof_" + scene.key());
        drafts.add(Draft.transaction(
                Phase.EXPAND,
                "a CHECK that says what ATTACH would look for, NOT VALID, so that no row is read under the lock",
                Undo.by(Sql.alter(table, "DROP CONSTRAINT IF EXISTS " + check)),
                Sql.alter(table, "ADD CONSTRAINT " + check + " CHECK (" + condition + ") NOT VALID")));
        drafts.add(Draft.transaction(
                Phase.EXPAND,
                "the rows that were there are read under a lock that nobody waits for",
                Undo.by(),
                Sql.alter(table, "VALIDATE CONSTRAINT " + check)));
        return Sql.alter(table, "DROP CONSTRAINT " + check);
    }
}
