package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * ALTER COLUMN ... TYPE that would write the table anew: a new column beside the old one, kept in step by a trigger and
 * filled in batches, compared, and then the two change names. The old one goes to the attic and is kept in step from there,
 * so that going back is changing names again. The column becomes the last of its table.
 */
final class TypeRewrite {
    private final Scene scene;
    private final Relation table;
    private final Column old;
    private final Column wanted;
    private final TypeNames names;
    private final List<Index> indexes;
    private final List<Constraint> constraints;
    private final List<Constraint> keysToIt;

    private TypeRewrite(Scene scene, Relation table, Column old, Column wanted, Conversion conversion) {
        this.scene = scene;
        this.table = table;
        this.old = old;
        this.wanted = wanted;
        this.names = new TypeNames(
                table.name(),
                old,
                wanted,
                conversion,
                scene.key(),
                scene.before().schema());
        this.indexes = table.indexes().stream()
                .filter(index -> Tokens.mention(index.definition(), old.name()))
                .toList();
        this.constraints = table.constraints().stream()
                .filter(constraint -> constraint.columns().contains(old.name()))
                .filter(constraint -> constraint.kind() != Constraint.Kind.NOT_NULL)
                .toList();
        this.keysToIt = names.keysToIt().stream()
                .filter(key -> !key.inherited()) // those of partitions go and come with their parent's
                .toList();
    }

    /** Empty where it cannot be done so: the column that rests must have room for nothing, for one thing. */
    static Optional<List<Draft>> drafts(Scene scene, QualifiedName name, String column, Conversion conversion) {
        Optional<Relation> table = scene.relation(name);
        Optional<Column> old = table.flatMap(t -> t.column(column));
        Optional<Column> wanted = scene.after().schema().relation(name).flatMap(t -> t.column(column));
        if (table.isEmpty()
                || old.isEmpty()
                || wanted.isEmpty()
                || obstacle(table.get(), old.get(), wanted.get())
                || RewriteRules.on(scene, name, "UPDATE").isPresent()
                || Domain.refusesNull(scene.before(), old.get().type())
                || Domain.refusesNull(scene.after(), wanted.get().type())) {
            return Optional.empty();
        }
        TypeRewrite rewrite = new TypeRewrite(scene, table.get(), old.get(), wanted.get(), conversion);
        return rewrite.constraints.stream().anyMatch(c -> c.kind() == Constraint.Kind.EXCLUSION || c.inherited())
                        || rewrite.keysToIt.stream().anyMatch(key -> key.table().equals(name))
                        || !rewrite.keysCanBeNotValid()
                ? Optional.empty()
                : Optional.of(rewrite.drafts());
    }

    private static boolean obstacle(Relation table, Column old, Column wanted) {
        return table.kind() != Relation.Kind.TABLE
                || table.isPartition()
                || !table.children().isEmpty()
                || !table.parents().isEmpty()
                || old.generated() != Column.Generated.NO
                || wanted.identity() != old.identity();
    }

    /** The key of a partitioned table can be NOT VALID at first only where the server knows such keys. */
    private boolean keysCanBeNotValid() {
        return scene.majorVersion() >= ConstraintRewrite.NOT_VALID_ON_PARTITIONED
                || keysToIt.stream()
                        .flatMap(key -> scene.relation(key.table()).stream())
                        .noneMatch(t -> t.kind() == Relation.Kind.PARTITIONED_TABLE);
    }

    private List<Draft> drafts() {
        List<Draft> drafts = new ArrayList<>();
        TypeSwap swap = new TypeSwap(scene, table, old, wanted, names, indexes, constraints, keysToIt);
        drafts.add(beside(swap));
        drafts.add(fill());
        indexes.forEach(index -> drafts.add(index(index)));
        if (old.notNull()) {
            drafts.addAll(ConstraintRewrite.notNull(
                    scene, new NotNull(table.name(), Sql.unquoted(names.made())), names.temporary("not_null")));
        }
        constraints.stream()
                .filter(c -> c.kind() == Constraint.Kind.CHECK || c.kind() == Constraint.Kind.FOREIGN_KEY)
                .forEach(constraint -> drafts.addAll(constraint(constraint)));
        drafts.add(Draft.transaction(
                Phase.MIGRATE, "every row has the same value in both columns", Undo.by(), names.compare()));
        drafts.add(Draft.transaction(
                Phase.CONTRACT,
                "the two change names; the old one is kept in step from the attic",
                swap.back(),
                swap.forth()));
        for (Constraint key : swap.keysToValidate()) {
            drafts.add(Draft.transaction(
                    Phase.CONTRACT,
                    "the rows that refer to it are read under a lock that nobody waits for",
                    Undo.by(),
                    Sql.alter(key.table(), "VALIDATE CONSTRAINT " + Sql.quote(key.name()))));
        }
        drafts.add(swap.analyze());
        return drafts;
    }

    private Draft beside(TypeSwap swap) {
        boolean writesAnew = Domain.isConstrained(scene.after(), wanted.type());
        List<String> forth = new ArrayList<>();
        forth.add(names.alter("ADD COLUMN " + names.made() + " " + wanted.type()
                + (wanted.collation() == null ? "" : " COLLATE " + wanted.collation())));
        forth.add(names.requireRights(swap.canGoBack()));
        forth.add(names.forthFunction());
        forth.addAll(names.forth());
        List<String> back = new ArrayList<>(names.dropForth());
        back.add(names.alter("DROP COLUMN IF EXISTS " + names.made()));
        Draft draft = Draft.transaction(
                Phase.EXPAND,
                "a column of the new type beside the old one, kept in step by a trigger"
                        + (writesAnew
                                ? "; a domain with constraints is held against every row, there is no way that does"
                                        + " less"
                                : ""),
                Undo.by(back.toArray(String[]::new)),
                forth);
        return writesAnew ? draft.blocking() : draft;
    }

    private Draft fill() {
        Batching batching = new Batching(
                table.name().sql(),
                names.alias(),
                Keys.of(scene, table.name()),
                Keys.ROWS_PER_BATCH,
                null,
                List.of(names.made()));
        return Draft.batches(
                Phase.MIGRATE,
                "the rows that were there are converted in batches, so that no row is locked for long",
                Undo.by(),
                "UPDATE " + table.name().sql() + " AS " + names.alias() + " SET " + names.made() + " = "
                        + names.conversion().forth() + " WHERE " + names.differs() + " AND " + Batching.RANGE,
                batching);
    }

    private Draft index(Index index) {
        String made = names.temporary(index.name().name());
        QualifiedName name = new QualifiedName(index.name().schema(), made);
        String create = Tokens.replaced(index.definition(), old.name(), Sql.unquoted(names.made()));
        return Draft.autocommit(
                Phase.EXPAND,
                "what " + index.name().name() + " is for the old column, CONCURRENTLY",
                UniqueRewrite.dropped(name),
                UniqueRewrite.concurrently(Tokens.renamedIndex(create, Sql.quote(made))),
                UniqueRewrite.isValid(name));
    }

    private List<Draft> constraint(Constraint constraint) {
        String made = Sql.quote(names.temporary(constraint.name()));
        String definition = Tokens.replaced(constraint.definition(), old.name(), Sql.unquoted(names.made()));
        boolean valid = constraint.validated() && constraint.enforced();
        List<Draft> drafts = new ArrayList<>();
        drafts.add(Draft.transaction(
                Phase.EXPAND,
                "what " + constraint.name() + " is for the old column",
                Undo.by(names.alter("DROP CONSTRAINT IF EXISTS " + made)),
                names.alter("ADD CONSTRAINT " + made + " " + definition + (valid ? " NOT VALID" : ""))));
        if (valid) {
            drafts.add(Draft.transaction(
                    Phase.EXPAND,
                    "the rows that were there are read under a lock that nobody waits for",
                    Undo.by(),
                    names.alter("VALIDATE CONSTRAINT " + made)));
        }
        return drafts;
    }
}
