package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.parser.Token;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** ALTER TABLE, one command at a time. */
final class AlterTableRewrite {
    /** A table up to here is written anew well within a lock budget of a second. */
    private static final long SMALL_BYTES = 8L << 20;

    private final Scene scene;
    private final QualifiedName table;
    private final AlterCommand command;

    private AlterTableRewrite(Scene scene, QualifiedName table, AlterCommand command) {
        this.scene = scene;
        this.table = table;
        this.command = command;
    }

    static List<Draft> drafts(Scene scene, AlterTable alter) {
        QualifiedName table = scene.named(alter.table().schema(), alter.table().name());
        boolean single = alter.isTable() && alter.commands().size() == 1 && scene.known();
        if (!single) {
            return List.of(AsWritten.draft(scene, withOwner(scene)));
        }
        AlterTableRewrite rewrite =
                new AlterTableRewrite(scene, table, alter.commands().get(0));
        return scene.isNew(table) ? List.of(rewrite.onNewTable()) : rewrite.drafts();
    }

    /** What it does to a new table goes with that; but names that are not the table's own must not stay. */
    private Draft onNewTable() {
        boolean ownName = command.is("AT_AddColumn", "AT_AlterColumnType", "AT_ColumnDefault", "AT_SetNotNull");
        return AsWritten.draft(scene, ownName ? Undo.by() : Reversal.of(scene));
    }

    private List<Draft> drafts() {
        return switch (command.subtype()) {
            case "AT_AddColumn" -> addColumn();
            case "AT_AddConstraint" -> rewritten(ConstraintRewrite.added(scene, table), Reversal.of(scene));
            case "AT_SetNotNull" ->
                rewritten(ConstraintRewrite.setNotNull(scene, table, command.name()), Reversal.of(scene));
            case "AT_AlterColumnType" -> alterType();
            case "AT_DropColumn" ->
                Removal.of(scene).map(List::of).orElseGet(() -> List.of(asWritten(Phase.CONTRACT, Reversal.of(scene))));
            case "AT_DropConstraint" -> List.of(asWritten(Phase.CONTRACT, dropConstraint()));
            case "AT_DropNotNull" -> List.of(asWritten(Phase.EXPAND, dropNotNull()));
            case "AT_AttachPartition" -> rewritten(PartitionRewrite.attach(scene, table, command), Reversal.of(scene));
            case "AT_DetachPartition" -> detach();
            default -> List.of(AsWritten.draft(scene, SequencePosition.stays(scene, withOwner(scene))));
        };
    }

    private static Undo withOwner(Scene scene) {
        return Undo.both(Ownership.ofOwner(scene, scene.statement()), Reversal.of(scene));
    }

    private Draft asWritten(Phase phase, Undo undo) {
        return AsWritten.draft(scene, undo).in(phase);
    }

    /** Only what would make the application wait is written otherwise. */
    private List<Draft> rewritten(Optional<List<Draft>> drafts, Undo undo) {
        return scene.online() && scene.blocks() && drafts.isPresent()
                ? drafts.get()
                : List.of(AsWritten.draft(scene, undo));
    }

    private List<Draft> detach() {
        return (scene.online() ? PartitionRewrite.detach(scene, table, command) : Optional.<List<Draft>>empty())
                .orElseGet(() -> List.of(AsWritten.draft(scene, Reversal.of(scene))));
    }

    private List<Draft> addColumn() {
        Undo undo = NewColumn.undo(scene, table).orElseGet(() -> Reversal.of(scene));
        return scene.online() && scene.blocks()
                ? NewColumn.drafts(scene, table).orElseGet(() -> List.of(AsWritten.draft(scene, undo)))
                : List.of(AsWritten.draft(scene, undo));
    }

    private boolean isSmall() {
        return scene.stats(table).map(TableStats::heapBytes).orElse(0L) <= SMALL_BYTES;
    }

    private List<Draft> alterType() {
        Optional<Column> before = scene.relation(table).flatMap(t -> t.column(command.name()));
        Optional<Column> after = scene.after().schema().relation(table).flatMap(t -> t.column(command.name()));
        if (before.isEmpty() || after.isEmpty()) {
            return List.of(AsWritten.draft(scene, Reversal.of(scene)));
        }
        Conversion conversion = Conversion.of(before.get(), after.get(), command.using(), using());
        boolean goesBack = conversion.known()
                && TypeFit.isWider(before.get().type(), after.get().type());
        Optional<String> unsteady = Unsteady.in(command.using(), scene.after().unsteady());
        boolean inPlace = !scene.online() || !scene.rewrites() || (isSmall() && goesBack) || unsteady.isPresent();
        if (!inPlace) {
            Optional<List<Draft>> drafts = TypeRewrite.drafts(scene, table, command.name(), conversion);
            if (drafts.isPresent()) {
                return drafts.get();
            }
        }
        Undo undo = typeBack(before.get(), after.get(), goesBack);
        if (scene.online() && unsteady.isPresent() && undo instanceof Undo.Impossible impossible) {
            undo = Undo.impossible(impossible.why() + "; they cannot be kept beside the new ones, as " + unsteady.get()
                    + " may answer otherwise each time that it is asked: what USING calls has to be IMMUTABLE, or at"
                    + " least STABLE");
        }
        return List.of(AsWritten.draft(scene, undo));
    }

    /** What stands after USING, as it is written. */
    private String using() {
        if (command.using().isMissingNode()) {
            return "";
        }
        String text = scene.piece().sql();
        int depth = 0;
        for (Token token : Token.of(text)) {
            depth += token.depthChange();
            if (depth == 0 && token.start() > command.offset() && token.isWord("USING")) {
                return text.substring(token.end()).strip();
            }
        }
        return "";
    }

    private Undo typeBack(Column before, Column after, boolean goesBack) {
        Undo undo = Reversal.of(scene);
        boolean convertible = goesBack || !scene.rewrites();
        if (!(undo instanceof Undo.Possible possible) || !convertible) {
            return Undo.impossible("what " + before.type() + " values of column " + table + "." + before.name()
                    + " were is not known once they are " + after.type());
        }
        List<Unit> units = new ArrayList<>(possible.inverse().units());
        List<String> leaves = new ArrayList<>();
        if (scene.online() && !isSmall()) {
            TypeRewrite.drafts(scene.reversed(), table, before.name(), Conversion.cast(after, before))
                    .ifPresent(drafts -> {
                        units.clear();
                        drafts.forEach(draft ->
                                units.add(new Unit(draft.kind(), draft.sql(), draft.verify(), draft.batching())));
                        leaves.add("table " + table.sql());
                    });
        }
        boolean fits = TypeFit.everyNewValueFitsTheOld(before.type(), after.type());
        String lost = fits
                ? null
                : "values that were written into " + table + "." + before.name() + " after the change and that "
                        + before.type() + " cannot hold stop the rollback";
        return new Undo.Possible(new Inverse(units, fits, lost, leaves));
    }

    /** Rows that are written meanwhile need not fit it, and may refer to what is gone. */
    private Undo dropConstraint() {
        Optional<Constraint> constraint = scene.relation(table).flatMap(t -> t.constraint(command.name()));
        Undo undo = constraintBack(constraint);
        boolean holds = constraint
                .filter(c -> c.kind() != Constraint.Kind.NOT_NULL && c.validated() && c.enforced())
                .isPresent();
        return holds && undo instanceof Undo.Possible possible
                ? possible.losing(
                        constraint.get().kind() == Constraint.Kind.FOREIGN_KEY
                                ? Undo.stoppedByReferences(command.name())
                                : Undo.stoppedBy(command.name()))
                : undo;
    }

    /** Checks and foreign keys come back NOT VALID first, keys with an index that is built concurrently. */
    private Undo constraintBack(Optional<Constraint> constraint) {
        List<ObjectName> removed =
                scene.diff().removed().keySet().stream().map(ObjectName::of).toList();
        boolean views = removed.stream().anyMatch(name -> name.is("view", "materialized view")); // grouped by the key
        boolean alone = removed.stream().filter(name -> name.is("constraint")).count() == 1 && !views;
        if (constraint.isEmpty() || !alone || !scene.online()) {
            return Reversal.of(scene);
        }
        String name = Sql.quote(command.name());
        String definition = constraint.get().definition();
        return switch (constraint.get().kind()) {
            case CHECK, FOREIGN_KEY -> {
                boolean valid = constraint.get().validated() && constraint.get().enforced();
                List<Unit> units = new ArrayList<>();
                units.add(Unit.transaction(
                        Sql.alter(table, "ADD CONSTRAINT " + name + " " + definition + (valid ? " NOT VALID" : ""))));
                if (valid) {
                    units.add(Unit.transaction(Sql.alter(table, "VALIDATE CONSTRAINT " + name)));
                }
                yield Undo.by(withComments(units));
            }
            case UNIQUE, PRIMARY_KEY ->
                scene.relation(table)
                                        .filter(t -> t.kind() == Relation.Kind.TABLE)
                                        .isPresent()
                                && !UniqueRewrite.isOverTime(definition)
                        ? Undo.by(withComments(keyBack(definition)))
                        : Reversal.of(scene);
            case NOT_NULL, EXCLUSION -> Reversal.of(scene);
        };
    }

    private List<Unit> keyBack(String definition) {
        List<Unit> units = new ArrayList<>(UniqueRewrite.units(scene.before(), table, command.name(), definition));
        scene.before()
                .schema()
                .index(new QualifiedName(table.schema(), command.name()))
                .map(index -> Trimmings.settings(index, scene.before()))
                .filter(settings -> !settings.isEmpty())
                .ifPresent(settings -> units.add(Unit.transaction(settings.toArray(String[]::new))));
        return units;
    }

    private List<Unit> withComments(List<Unit> units) {
        List<Unit> all = new ArrayList<>(units);
        scene.diff().removed().forEach((identity, definition) -> {
            ObjectName name = ObjectName.of(identity);
            if (name.is("comment on")) {
                all.add(Unit.transaction(Dropping.comment(name) + " IS " + Sql.literal(definition)));
            }
        });
        return all;
    }

    private Undo dropNotNull() {
        boolean was = scene.relation(table)
                .flatMap(t -> t.column(command.name()))
                .filter(Column::notNull)
                .isPresent();
        if (!was) {
            return Undo.by();
        }
        String lost = "rows that were written after the change without a value in " + table + "." + command.name()
                + " stop the rollback";
        if (!scene.online()) {
            Undo undo = Reversal.of(scene);
            return undo instanceof Undo.Possible possible
                    ? Undo.losing(lost, possible.inverse().units())
                    : undo;
        }
        NotNull proof = new NotNull(table, command.name());
        return Undo.losing(
                lost,
                List.of(
                        Unit.transaction(proof.add()),
                        Unit.transaction(proof.validate()),
                        Unit.transaction(
                                proof.set(
                                        NotNull.name(scene.relation(table).orElseThrow(), command.name()),
                                        scene.majorVersion()),
                                proof.drop())));
    }
}
