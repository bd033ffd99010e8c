package dev.fermata.execution.plan;

import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.AlterCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

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
        Optional<String> condition = partition
                .map(name -> scene.after().partitionConditions().get(name))
                .filter(PartitionRewrite::isPortable);
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
                .forEach(other -> {
                    int proof = drafts.size();
                    after.add(prove(
                            scene,
                            drafts,
                            other,
                            Optional.ofNullable(
                                            scene.after().partitionConditions().get(other))
                                    .orElse("NOT (" + condition.get() + ")")));
                    drafts.set(proof, drafts.get(proof).flagged(refusesMeanwhile(partition.get(), other)));
                });
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

    /**
     * DETACH PARTITION CONCURRENTLY, which waits for old transactions without keeping anybody waiting behind it. It leaves a
     * CHECK that plain DETACH does not leave (PostgreSQL documentation, ALTER TABLE, "DETACH PARTITION"), which goes
     * afterwards. Empty where the server refuses it, as there is a default partition, and the statement stays as it is.
     */
    static Optional<List<Draft>> detach(Scene scene, QualifiedName parent, AlterCommand command) {
        Optional<Relation> partition =
                command.otherTable().flatMap(name -> scene.before().schema().relation(name.schema(), name.name()));
        boolean hasDefault = scene.relation(parent).stream()
                .flatMap(relation -> relation.children().stream())
                .flatMap(child -> scene.relation(child).stream())
                .anyMatch(Relation::isDefaultPartition);
        Optional<Relation> after = partition.flatMap(p -> scene.after().schema().relation(p.name()));
        if (partition.isEmpty() || after.isEmpty() || hasDefault || scene.isNew(parent)) {
            return Optional.empty();
        }
        QualifiedName name = partition.get().name();
        return Optional.of(List.of(
                Draft.autocommit(
                        Phase.CONTRACT,
                        "CONCURRENTLY, so that nobody waits behind it while it waits for old transactions",
                        attachedAgain(scene, name),
                        Sql.alter(parent, "DETACH PARTITION " + name.sql() + " CONCURRENTLY"),
                        "SELECT NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = " + Sql.literal(name.sql())
                                + "::regclass)"),
                Draft.transaction(
                        Phase.CONTRACT,
                        "the CHECK that DETACH CONCURRENTLY leaves and DETACH does not",
                        Undo.by(),
                        dropOtherChecks(name, after.get()))));
    }

    private static String dropOtherChecks(QualifiedName table, Relation wanted) {
        String known = wanted.constraints().stream()
                .filter(constraint -> constraint.kind() == Constraint.Kind.CHECK)
                .map(constraint -> Sql.literal(constraint.name()))
                .collect(Collectors.joining(", "));
        return "DO "
                + Sql.literal(
                        "DECLARE other name; BEGIN FOR other IN SELECT conname FROM pg_constraint WHERE conrelid = "
                                + Sql.literal(table.sql()) + "::regclass AND contype = 'c' AND conname !~ '^fermata_'"
                                + (known.isEmpty() ? "" : " AND conname NOT IN (" + known + ")")
                                + " LOOP EXECUTE format('ALTER TABLE "
                                + table.sql().replace("'", "''").replace("%", "%%")
                                + " DROP CONSTRAINT %I', other); END LOOP; END");
    }

    /** That of a hash partition names the number of its table, which is another in every database. */
    private static boolean isPortable(String condition) {
        return !condition.contains("satisfies_hash_partition");
    }

    /** Attached with a proof, so that its rows are not read under the lock. */
    private static Undo attachedAgain(Scene scene, QualifiedName partition) {
        Undo undo = Reversal.of(scene);
        String condition = scene.before().partitionConditions().get(partition);
        if (!(undo instanceof Undo.Possible possible) || condition == null || !isPortable(condition)) {
            return undo;
        }
        List<Draft> proof = new ArrayList<>();
        String drop = prove(scene, proof, partition, condition);
        List<Unit> units = new ArrayList<>();
        proof.forEach(draft -> units.add(Unit.transaction(draft.sql().toArray(String[]::new))));
        units.addAll(possible.inverse().units());
        units.add(Unit.transaction(drop));
        return Undo.by(units);
    }

    /** As written they would wait for the scan, and get through after it. */
    private static RedFlag refusesMeanwhile(QualifiedName partition, QualifiedName other) {
        return new RedFlag(
                "partition-refuses-rows",
                RiskLevel.MEDIUM,
                "from when the rows of " + other + " are read until " + partition
                        + " is attached, rows that belong into " + partition
                        + " are refused (23514): nothing may write them until then");
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
