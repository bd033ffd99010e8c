package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** ADD COLUMN: in parts where all at once would write the table anew, or read it, under its lock. */
final class NewColumn {
    private final Scene scene;
    private final QualifiedName table;
    private final Column column;
    private final String name;

    private NewColumn(Scene scene, QualifiedName table, Column column) {
        this.scene = scene;
        this.table = table;
        this.column = column;
        this.name = Sql.quote(column.name());
    }

    private static Optional<NewColumn> of(Scene scene, QualifiedName table) {
        List<ObjectName> columns = scene.diff().added().keySet().stream()
                .map(ObjectName::of)
                .filter(name -> name.is("column") && name.relation().equals(Optional.of(table)))
                .toList();
        return columns.size() != 1
                ? Optional.empty()
                : scene.after()
                        .schema()
                        .relation(table)
                        .flatMap(relation -> relation.column(columns.get(0).name()))
                        .map(column -> new NewColumn(scene, table, column));
    }

    /** What takes the column out of sight, with what was written into it; empty for one that is there already. */
    static Optional<Undo> undo(Scene scene, QualifiedName table) {
        return of(scene, table)
                .map(column ->
                        Undo.by(List.of(Unit.transaction(column.toTheAttic().toArray(String[]::new)))));
    }

    /** Empty where it stays as it is written. */
    static Optional<List<Draft>> drafts(Scene scene, QualifiedName table) {
        return of(scene, table).filter(NewColumn::canBeInParts).map(NewColumn::inParts);
    }

    /** A domain with constraints is held against every row, even where there is no value: then nothing does less. */
    private boolean canBeInParts() {
        boolean filled = column.identity() != Column.Identity.NO || column.defaultExpression() != null;
        return column.generated() == Column.Generated.NO
                && !Domain.isConstrained(scene.after(), column.type())
                && (!scene.rewrites()
                        || (filled && RewriteRules.on(scene, table, "UPDATE").isEmpty()));
    }

    private List<Draft> inParts() {
        List<Draft> drafts = new ArrayList<>();
        Undo undo = Undo.by(List.of(Unit.transaction(toTheAttic().toArray(String[]::new))));
        if (!scene.rewrites()) {
            String clauses = (column.defaultExpression() == null ? "" : " DEFAULT " + column.defaultExpression())
                    + (column.notNull() ? notNull() : ""); // without a default only where there is no row
            drafts.add(Draft.transaction(Phase.EXPAND, "the column alone, which takes no time", undo, add() + clauses));
        } else {
            drafts.addAll(filledLater(undo));
        }
        scene.diff().added().forEach((identity, definition) -> {
            ObjectName constraint = ObjectName.of(identity);
            if (constraint.is("constraint")
                    && constraint.relation().equals(Optional.of(table))
                    && !isNotNull(constraint.name())) { // which came with the column
                drafts.addAll(ConstraintRewrite.drafts(scene, table, constraint.name(), definition)
                        .orElseGet(() -> List.of(Draft.transaction(
                                        Phase.EXPAND,
                                        "there is no way to add it that reads no rows",
                                        Undo.by(),
                                        Sql.alter(
                                                table,
                                                "ADD CONSTRAINT " + Sql.quote(constraint.name()) + " " + definition))
                                .blocking())));
            }
        });
        return drafts;
    }

    private boolean isNotNull(String constraint) {
        return scene.after()
                .schema()
                .relation(table)
                .flatMap(relation -> relation.constraint(constraint))
                .filter(c -> c.kind() == Constraint.Kind.NOT_NULL)
                .isPresent();
    }

    private String notNull() {
        return scene.majorVersion() < ConstraintRewrite.NOT_NULL_IS_A_CONSTRAINT
                ? " NOT NULL"
                : " CONSTRAINT "
                        + Sql.quote(NotNull.name(
                                scene.after().schema().relation(table).orElseThrow(), column.name()))
                        + " NOT NULL";
    }

    private String add() {
        return Sql.alter(
                table,
                "ADD COLUMN " + name + " " + column.type()
                        + (column.collation() == null ? "" : " COLLATE " + column.collation()));
    }

    private List<Draft> filledLater(Undo undo) {
        List<Draft> drafts = new ArrayList<>();
        List<String> first = new ArrayList<>();
        Map<String, String> sequences = sequences();
        boolean identity = column.identity() != Column.Identity.NO;
        String filling = "fermata_attic." + Sql.quote(Attic.moved(scene.key(), "filling"));
        sequences.forEach((sequence, definition) -> {
            if (!identity) {
                Recreating.sequence(ObjectName.of("sequence " + sequence), definition.replaceFirst(" owned by .*$", ""))
                        .ifPresent(make -> first.addAll(make.sql()));
            }
        });
        first.add(add());
        if (identity) {
            first.add("DROP SEQUENCE IF EXISTS " + filling + " CASCADE");
            first.add("CREATE SEQUENCE " + filling
                    + IdentityOptions.withType(sequences.values().iterator().next()));
            first.add("GRANT USAGE ON SEQUENCE " + filling + " TO PUBLIC"); // nobody needs a right to use an identity
            first.add(alterColumn("SET DEFAULT nextval(" + Sql.literal(filling) + ")"));
        } else {
            first.add(alterColumn("SET DEFAULT " + column.defaultExpression()));
            sequences
                    .keySet()
                    .forEach(sequence ->
                            first.add("ALTER SEQUENCE " + sequence + " OWNED BY " + table.sql() + "." + name));
        }
        drafts.add(Draft.transaction(
                Phase.EXPAND, "the column first and its default for new rows, which takes no time", undo, first));
        drafts.add(fill());
        if (column.notNull() || identity) {
            ConstraintRewrite.notNull(scene, new NotNull(table, column.name()), "")
                    .forEach(draft -> drafts.add(draft.takenBackBy(Undo.by()))); // all of it goes with the column
        }
        if (identity) {
            drafts.add(identity(sequences, filling));
        }
        drafts.add(FreshStatistics.draft(table, name));
        return drafts;
    }

    private String alterColumn(String what) {
        return Sql.alter(table, "ALTER COLUMN " + name + " " + what);
    }

    private Draft fill() {
        String alias = Sql.quote("filled");
        Batching batching =
                new Batching(table.sql(), alias, Keys.of(scene, table), Keys.ROWS_PER_BATCH, null, List.of(name));
        return Draft.batches(
                Phase.MIGRATE,
                "the rows that were there get their values in batches, so that no row is locked for long",
                Undo.by(),
                "UPDATE " + table.sql() + " AS " + alias + " SET " + name + " = DEFAULT WHERE " + alias + "." + name
                        + " IS NULL AND " + Batching.RANGE,
                batching);
    }

    private Draft identity(Map<String, String> sequences, String filling) {
        List<String> sql = new ArrayList<>();
        sql.add(alterColumn("DROP DEFAULT"));
        Map.Entry<String, String> sequence = sequences.entrySet().iterator().next();
        sql.add(alterColumn("ADD GENERATED " + (column.identity() == Column.Identity.ALWAYS ? "ALWAYS" : "BY DEFAULT")
                + " AS IDENTITY (SEQUENCE NAME " + sequence.getKey() + IdentityOptions.of(sequence.getValue()) + ")"));
        sql.add("SELECT setval(" + Sql.literal(sequence.getKey()) + ", last_value, is_called) FROM " + filling);
        sql.add("DROP SEQUENCE " + filling);
        return Draft.transaction(
                Phase.EXPAND, "now that every row has a value, the identity goes on from there", Undo.by(), sql);
    }

    private Map<String, String> sequences() {
        Map<String, String> sequences = new TreeMap<>();
        scene.diff().added().forEach((identity, definition) -> {
            ObjectName object = ObjectName.of(identity);
            if (object.is("sequence")) {
                sequences.put(object.sql(), definition);
            }
        });
        return sequences;
    }

    /** Constraints, default and identity came with it and go; what was written into it stays. */
    private List<String> toTheAttic() {
        List<String> sql = new ArrayList<>();
        String resting = Attic.resting(scene.key(), column.name());
        if (column.generated() != Column.Generated.NO) {
            sql.add(Sql.alter(table, "DROP COLUMN " + name + " CASCADE")); // it holds nothing that is not elsewhere
            return sql;
        }
        sql.add(Sql.alter(table, "DROP COLUMN IF EXISTS " + Sql.quote(resting) + " CASCADE")); // an earlier rollback's
        scene.diff().added().keySet().stream()
                .map(ObjectName::of)
                .filter(object -> object.is("constraint")
                        && object.relation().equals(Optional.of(table))
                        && !isNotNull(object.name()))
                .forEach(object -> sql.add(Sql.alter(table, "DROP CONSTRAINT IF EXISTS " + Sql.quote(object.name()))));
        sql.add(new NotNull(table, column.name()).drop());
        if (column.identity() != Column.Identity.NO) {
            sql.add(alterColumn("DROP IDENTITY IF EXISTS"));
        }
        sql.add(alterColumn("DROP NOT NULL"));
        sql.add(alterColumn("DROP DEFAULT"));
        if (column.identity() == Column.Identity.NO) {
            sequences().keySet().forEach(sequence -> sql.add("DROP SEQUENCE IF EXISTS " + sequence));
        } else {
            sql.add("DROP SEQUENCE IF EXISTS fermata_attic." + Sql.quote(Attic.moved(scene.key(), "filling")));
        }
        sql.add(Sql.alter(table, "RENAME COLUMN " + name + " TO " + Sql.quote(resting)));
        return sql;
    }
}
