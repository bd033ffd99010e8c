package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.ConstraintDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Rows that point to nothing. */
final class ForeignKeyQuestions {
    /**
     * @param columns by their names before the change
     * @param full whether MATCH FULL: some null among others that are not is refused too
     */
    private record Key(Relation table, List<String> columns, boolean full, String what) {
        String isNull(String column) {
            return "f." + QualifiedName.quote(column) + " IS NULL";
        }

        String anyNull() {
            return String.join(" OR ", columns.stream().map(this::isNull).toList());
        }

        String allNull() {
            return String.join(" AND ", columns.stream().map(this::isNull).toList());
        }
    }

    private final Asking asking;

    private ForeignKeyQuestions(Asking asking) {
        this.asking = asking;
    }

    /** One that the change adds. */
    static void of(Asking asking, Relation table, ConstraintDefinition constraint) {
        String what = what(table, constraint.columns(), asking.change().named(constraint.references()));
        if (constraint.node().path("fk_with_period").asBoolean()) {
            period(asking, table, what);
            return;
        }
        boolean full = constraint.node().path("fk_matchtype").asText().equals("f");
        asking.oldNames(Kind.FOREIGN_KEY, table, what, constraint.columns())
                .ifPresent(columns -> new ForeignKeyQuestions(asking)
                        .ask(
                                new Key(table, columns, full, what),
                                constraint.references(),
                                constraint.referencedColumns()));
    }

    /** One that is there, on its own table or on a partition to come. */
    static void of(Asking asking, Relation table, Constraint constraint) {
        QualifiedName to = Objects.requireNonNull(constraint.references());
        String what = what(table, constraint.columns(), to);
        if (constraint.definition().contains("PERIOD ")) {
            period(asking, table, what);
            return;
        }
        Key key = new Key(table, constraint.columns(), constraint.definition().contains(" MATCH FULL"), what);
        Optional<Relation> parent = asking.change().schema().relation(to);
        parent.ifPresent(
                relation -> new ForeignKeyQuestions(asking).orphans(key, relation, constraint.referencedColumns()));
    }

    private static void period(Asking asking, Relation table, String what) {
        asking.cannot(
                Kind.FOREIGN_KEY,
                table.name(),
                what,
                "a foreign key with PERIOD needs the ranges of many rows put together, which cannot be counted"
                        + " cheaply");
    }

    private static String what(Relation table, List<String> columns, QualifiedName to) {
        return "rows of " + table.name() + " whose "
                + String.join(", ", columns.stream().map(QualifiedName::quote).toList()) + " is not in " + to;
    }

    private void ask(Key key, WrittenName to, List<String> written) {
        Optional<Relation> parent = asking.change().old(to);
        if (parent.isEmpty()) {
            withoutParent(key, to);
            return;
        }
        Relation relation = parent.get();
        if (written.isEmpty()) {
            List<String> primary = primaryKey(relation);
            if (primary.size() == key.columns().size()) {
                orphans(key, relation, primary);
            } else {
                cannot(
                        key,
                        relation.name() + " has no primary key of "
                                + key.columns().size()
                                + " columns in the schema: name the columns that are pointed to");
            }
            return;
        }
        if (written.stream()
                .anyMatch(column -> asking.change().madeBy(relation, column).isPresent())) {
            cannot(key, "this change makes the columns that are pointed to, so their values are not there yet");
            return;
        }
        asking.oldNames(Kind.FOREIGN_KEY, relation, key.what(), written)
                .ifPresent(columns -> orphans(key, relation, columns));
    }

    /** All rows point to nothing as long as the table is empty that the change makes. */
    private void withoutParent(Key key, WrittenName to) {
        Optional<Integer> made = asking.change().madeBy(to).map(statement -> statement.index());
        if (made.isEmpty()) {
            cannot(key, to + " is not in the schema: a statement before this one makes it, or the server refuses");
            return;
        }
        List<Reading> reads = List.of(Reading.of(key.table().name(), key.columns()));
        List<Integer> repairs = new ArrayList<>(asking.change().repairs(reads));
        repairs.add(made.get());
        count(key, key.full() ? "NOT (" + key.allNull() + ")" : "NOT (" + key.anyNull() + ")", reads, repairs);
    }

    private void orphans(Key key, Relation parent, List<String> referenced) {
        Optional<String> retyped =
                asking.retyped(key.table(), key.columns()).or(() -> asking.retyped(parent, referenced));
        if (retyped.isPresent() || key.columns().size() != referenced.size()) {
            cannot(
                    key,
                    retyped.orElse(
                            "the key has " + key.columns().size() + " columns, but points to " + referenced.size()));
            return;
        }
        List<String> equal = new ArrayList<>();
        for (int i = 0; i < referenced.size(); i++) {
            equal.add("p." + QualifiedName.quote(referenced.get(i))
                    + collation(key, key.columns().get(i), parent, referenced.get(i)) + " = f."
                    + QualifiedName.quote(key.columns().get(i)));
        }
        String orphan = "NOT EXISTS (SELECT FROM " + Table.alone(parent).as("p").sql() + " WHERE "
                + String.join(" AND ", equal) + ")";
        String where = key.full()
                ? "NOT (" + key.allNull() + ") AND (" + key.anyNull() + " OR " + orphan + ")"
                : "NOT (" + key.anyNull() + ") AND " + orphan;
        List<Reading> reads =
                List.of(Reading.of(key.table().name(), key.columns()), Reading.of(parent.name(), referenced));
        count(key, where, reads, asking.change().repairs(reads));
    }

    private void count(Key key, String where, List<Reading> reads, List<Integer> repairs) {
        asking.count(
                Kind.FOREIGN_KEY,
                key.table(),
                key.what(),
                new Counting(
                        "SELECT FROM " + Table.alone(key.table()).as("f").sql(),
                        " WHERE " + where,
                        true,
                        reads,
                        Calls.NONE,
                        asking.change().searchPath()),
                repairs);
    }

    private void cannot(Key key, String why) {
        asking.cannot(Kind.FOREIGN_KEY, key.table().name(), key.what(), why);
    }

    /** Columns of two collations are compared by that of the key pointed to. */
    private static String collation(Key key, String column, Relation parent, String referenced) {
        String mine = collation(key.table(), column);
        String theirs = collation(parent, referenced);
        return mine.equals(theirs) ? "" : " COLLATE " + theirs;
    }

    private static String collation(Relation relation, String column) {
        return relation.column(column).map(Column::collation).orElse("pg_catalog.\"default\"");
    }

    static List<String> primaryKey(Relation relation) {
        return relation.indexes().stream()
                .filter(Index::primary)
                .findFirst()
                .map(Index::keys)
                .orElse(List.of());
    }
}
