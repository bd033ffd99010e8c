package dev.fermata.postgres.preflight;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.CreateTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/** What a new partition demands: of its own rows, and of those in the DEFAULT partition. */
final class PartitionQuestions {
    private final Asking asking;
    private final WrittenName parentName;
    private final Optional<Relation> parent;

    private PartitionQuestions(Asking asking, WrittenName parent) {
        this.asking = asking;
        this.parentName = parent;
        this.parent = asking.change().old(parent);
    }

    /** CREATE TABLE ... PARTITION OF. */
    static void create(Asking asking, CreateTable table) {
        JsonNode bound = asking.statement().node().path("partbound");
        if (!bound.path("is_default").asBoolean()) {
            new PartitionQuestions(asking, table.parents().getFirst()).rest(boundText(asking.statement(), bound));
        }
    }

    /** ALTER TABLE ... ATTACH PARTITION. */
    static void attach(Asking asking, AlterTable alter, AlterCommand command) {
        PartitionQuestions questions = new PartitionQuestions(asking, alter.table());
        JsonNode bound = command.definition().path("PartitionCmd").path("bound");
        Tokens text = boundText(asking.statement(), bound);
        boolean takesRest = bound.path("is_default").asBoolean();
        command.otherTable().flatMap(asking.change()::old).ifPresent(child -> {
            if (takesRest) {
                questions.newDefault(child);
            } else {
                questions.inside(child, text);
            }
            questions.keys(child);
        });
        if (!takesRest) {
            questions.rest(text);
        }
    }

    private static Tokens boundText(Statement statement, JsonNode bound) {
        return Tokens.of(statement.text()).from(bound.path("location").asInt(0));
    }

    /** The rows that come along. */
    private void inside(Relation child, Tokens bound) {
        String what = "rows of " + child.name() + " outside the bounds of a partition of " + parentName;
        Optional<PartitionBound> key = key(child);
        Optional<String> takes = key.flatMap(one -> one.takes(bound, parent));
        if (takes.isEmpty()) {
            unknown(Kind.PARTITION_BOUNDS, child, what);
            return;
        }
        count(Kind.PARTITION_BOUNDS, child, what, takes.get() + " IS NOT TRUE", key.get(), Calls.in(bound.text()));
    }

    /** A table that becomes the DEFAULT partition has no rows that belong to another one. */
    private void newDefault(Relation child) {
        String what = "rows of " + child.name() + " that belong to another partition of " + parentName;
        List<Relation> others = siblings();
        if (others.isEmpty() || others.stream().anyMatch(Relation::isDefaultPartition)) {
            return;
        }
        Optional<PartitionBound> key = key(child);
        List<String> taken = new ArrayList<>();
        for (Relation other : others) {
            Tokens bound = Tokens.of(Objects.requireNonNullElse(other.partitionBound(), ""));
            Optional<String> takes = key.flatMap(one -> one.takes(bound, parent));
            if (takes.isEmpty()) {
                unknown(Kind.PARTITION_BOUNDS, child, what);
                return;
            }
            taken.add(takes.get());
        }
        count(Kind.PARTITION_BOUNDS, child, what, String.join(" OR ", taken), key.get(), Calls.NONE);
    }

    /** The rows that went to the DEFAULT partition as long as there was no other for them. */
    private void rest(Tokens bound) {
        Optional<Relation> rest =
                siblings().stream().filter(Relation::isDefaultPartition).findFirst();
        if (rest.isEmpty()) {
            return;
        }
        String what = "rows of " + rest.get().name() + " that belong to the new partition of " + parentName;
        Optional<PartitionBound> key = key(rest.get());
        Optional<String> takes = key.flatMap(one -> one.takes(bound, parent));
        if (takes.isEmpty()) {
            unknown(Kind.DEFAULT_PARTITION, rest.get(), what);
            return;
        }
        count(Kind.DEFAULT_PARTITION, rest.get(), what, takes.get(), key.get(), Calls.in(bound.text()));
    }

    /** Partitions that were there before the change and still are. */
    private List<Relation> siblings() {
        return parent.stream()
                .flatMap(one -> one.children().stream())
                .flatMap(name -> asking.change().schema().relation(name).stream())
                .filter(one -> !asking.change().isDetached(one))
                .toList();
    }

    private void count(Kind kind, Relation table, String what, String where, PartitionBound bound, Calls ofValues) {
        Calls calls = ofValues;
        TreeSet<String> columns = new TreeSet<>();
        boolean expressions = false;
        for (KeyElement key : bound.keys()) {
            calls = calls.and(Calls.in(key.sql()));
            expressions |= key.column().isEmpty();
            columns.add(key.column());
        }
        if (bound.keys().stream().anyMatch(key -> !key.isPlain())) {
            asking.cannot(kind, table.name(), what, "the partition key has an operator class of its own");
            return;
        }
        Optional<String> changed = columns.stream()
                .filter(column -> !column.isEmpty())
                .filter(column -> asking.change()
                                .oldColumn(table, column)
                                .filter(column::equals)
                                .isEmpty()
                        || asking.change().retypedBy(table, column).isPresent())
                .findFirst();
        if (changed.isPresent()) {
            asking.cannot(
                    kind,
                    table.name(),
                    what,
                    "a statement before this one changes the key column " + QualifiedName.quote(changed.get()));
            return;
        }
        List<String> reads = expressions
                ? table.columns().stream().map(column -> column.name()).toList()
                : List.copyOf(columns);
        asking.count(kind, Table.withHeirs(table), what, where, reads, calls);
    }

    private void unknown(Kind kind, Relation table, String what) {
        asking.cannot(
                kind,
                table.name(),
                what,
                parent.isPresent()
                        ? "these bounds do not go with the partition key of " + parentName
                        : "which rows belong there is known once " + parentName + " is made");
    }

    /** @param rows the table whose rows are judged; its columns have the names and types of the parent's */
    private Optional<PartitionBound> key(Relation rows) {
        Optional<Tokens> printed = parent.map(Relation::partitionKey).map(Tokens::of);
        Optional<Tokens> written = asking.change()
                .madeBy(parentName)
                .flatMap(statement -> Tokens.of(statement.text()).after("partition"))
                .flatMap(words -> words.after("by"));
        return printed.or(() -> written).flatMap(key -> PartitionBound.of(key, rows));
    }

    /** Unique indexes and foreign keys of the parent are made on the newcomer too, unless it has their like. */
    private void keys(Relation child) {
        if (parent.isEmpty()) {
            return;
        }
        for (Index index : parent.get().indexes()) {
            boolean has = child.indexes().stream()
                    .anyMatch(one -> one.unique() && one.keys().equals(index.keys()));
            if (index.unique() && index.valid() && !has) {
                index(child, index);
            }
        }
        for (Constraint constraint : parent.get().constraints()) {
            boolean has = child.constraints().stream()
                    .anyMatch(one -> one.kind() == Constraint.Kind.FOREIGN_KEY
                            && one.validated()
                            && one.columns().equals(constraint.columns())
                            && one.referencedColumns().equals(constraint.referencedColumns()));
            if (constraint.kind() == Constraint.Kind.FOREIGN_KEY && constraint.enforced() && !has) {
                ForeignKeyQuestions.of(asking, child, constraint);
            }
        }
    }

    private void index(Relation child, Index index) {
        if (index.keys().contains("") || index.predicate() != null) {
            asking.cannot(
                    Kind.UNIQUE,
                    child.name(),
                    "rows of " + child.name() + " with the same key of " + index.name() + " as another",
                    "the index has expressions or a condition; make its like on the table first, and it is asked"
                            + " about");
            return;
        }
        boolean nulls = index.definition().contains(" NULLS NOT DISTINCT");
        UniqueQuestions.ask(
                asking,
                child,
                new UniqueQuestions.Key(
                        index.primary() ? Kind.PRIMARY_KEY : Kind.UNIQUE,
                        index.keys().stream().map(KeyElement::column).toList(),
                        nulls,
                        null,
                        Calls.NONE));
    }
}
