package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.Trigger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Moves a table into the attic, rows and all: what others would still notice of it (foreign keys, membership in publications
 * and partition trees, triggers that need functions) is taken off first, and what has a name in the schema gets one that
 * nothing else has.
 */
final class TableRemoval {
    private final Stage stage;
    private final int majorVersion;
    private final String key;
    private final AtticNames names;
    private final Set<QualifiedName> goingToo;
    private final List<String> out = new ArrayList<>();
    private final List<String> back = new ArrayList<>();
    private final List<String> validate = new ArrayList<>();
    private final List<String> lost = new ArrayList<>();

    /** @param goingToo all tables that go to rest at the same time */
    TableRemoval(Scene scene, Stage stage, AtticNames names, Collection<QualifiedName> goingToo) {
        this.stage = stage;
        this.majorVersion = scene.majorVersion();
        this.key = scene.key();
        this.names = names;
        this.goingToo = Set.copyOf(goingToo);
    }

    /** What takes away tables that a piece has made; their rows stay in the attic. */
    static List<String> ofNew(Scene scene, Collection<QualifiedName> tables) {
        TableRemoval removal = new TableRemoval(scene, scene.after(), AtticNames.ofNew(scene), tables);
        List<String> sql = new ArrayList<>();
        for (QualifiedName table : tables) {
            sql.add("DROP TABLE IF EXISTS " + removal.resting(table).sql() + " CASCADE"); // of an earlier rollback
        }
        tables.forEach(removal::move);
        sql.addAll(removal.out);
        return sql;
    }

    private QualifiedName resting(QualifiedName table) {
        return resting(names, table);
    }

    static QualifiedName resting(AtticNames names, QualifiedName table) {
        return new QualifiedName(Attic.SCHEMA, names.moved(table.schema(), table.name()));
    }

    List<String> out() {
        return List.copyOf(out);
    }

    /** What brings all of them back, in the order to run. */
    List<String> back() {
        return List.copyOf(back);
    }

    /** What is left to do in transactions of their own: each reads a table. */
    List<String> validate() {
        return List.copyOf(validate);
    }

    /** What may stop the way back, for people. */
    List<String> lost() {
        return List.copyOf(lost);
    }

    /** It stays in its schema, which rests as a whole: only what keeps rows of others, or shows its own to them, goes. */
    void leave(QualifiedName name) {
        Relation table = table(name);
        List<String> last = new ArrayList<>();
        foreignKeys(table, last);
        partition(table, last);
        back.addAll(last);
    }

    private Relation table(QualifiedName name) {
        return stage.schema()
                .relation(name)
                .orElseThrow(() -> new IllegalArgumentException("table " + name + " is not in the schema"));
    }

    void move(QualifiedName name) {
        Relation table = table(name);
        List<String> last = new ArrayList<>();
        foreignKeys(table, last);
        triggers(table, last);
        publications(table, last);
        partition(table, last);
        List<String> renamed = new ArrayList<>();
        names(table, renamed);
        String moved = names.moved(name.schema(), name.name());
        out.add(Sql.alter(name, "RENAME TO " + Sql.quote(moved)));
        out.add(Sql.alter(new QualifiedName(name.schema(), moved), "SET SCHEMA " + Attic.SCHEMA));
        back.add(Sql.alter(resting(name), "SET SCHEMA " + Sql.quote(name.schema())));
        back.add(Sql.alter(new QualifiedName(name.schema(), moved), "RENAME TO " + Sql.quote(name.name())));
        back.addAll(renamed);
        back.addAll(last);
    }

    /** A key that points out of the attic would keep rows of others from being deleted. */
    private void foreignKeys(Relation table, List<String> last) {
        for (Constraint key : table.constraints()) {
            if (!pointsOut(key) || key.inherited()) {
                continue;
            }
            String constraint = Sql.quote(key.name());
            boolean valid = key.validated() && key.enforced() && canWait(table);
            out.add(Sql.alter(table.name(), "DROP CONSTRAINT " + constraint));
            last.add(Sql.alter(
                    table.name(),
                    "ADD CONSTRAINT " + constraint + " " + key.definition() + (valid ? " NOT VALID" : "")));
            if (valid) {
                validate.add(Sql.alter(table.name(), "VALIDATE CONSTRAINT " + constraint));
                lost.add(Undo.stoppedByReferences(key.name()));
            }
        }
    }

    private boolean pointsOut(Constraint key) {
        QualifiedName other = key.references();
        return key.kind() == Constraint.Kind.FOREIGN_KEY && other != null && !goingToo.contains(other);
    }

    /** One that comes with a partition of the table that is referred to goes with that of the whole. */
    private boolean isOfParent(Relation table, Constraint key) {
        QualifiedName other = key.references();
        return key.inherited()
                && pointsOut(key)
                && other != null
                && stage.schema().relation(other).stream()
                        .flatMap(referred -> referred.parents().stream())
                        .noneMatch(whole -> table.constraints().stream()
                                .anyMatch(same -> whole.equals(same.references())
                                        && same.columns().equals(key.columns())));
    }

    /** Whether a foreign key of it can be NOT VALID. */
    private boolean canWait(Relation table) {
        return table.kind() != Relation.Kind.PARTITIONED_TABLE
                || majorVersion >= ConstraintRewrite.NOT_NULL_IS_A_CONSTRAINT; // so are keys of partitioned tables
    }

    private void triggers(Relation table, List<String> last) {
        for (Trigger trigger : table.triggers()) {
            String definition = stage.catalog()
                    .definition("trigger " + table.name().sql() + "." + Sql.quote(trigger.name()))
                    .orElse("");
            if (definition.isEmpty()) {
                continue; // inherited from a partitioned table
            }
            ObjectName name = ObjectName.of("trigger " + table.name().sql() + "." + Sql.quote(trigger.name()));
            out.add("DROP TRIGGER " + Sql.quote(trigger.name()) + " ON "
                    + table.name().sql());
            last.addAll(Recreating.trigger(name, definition).sql());
        }
    }

    private void publications(Relation table, List<String> last) {
        String of = " of " + table.name().sql();
        for (Map.Entry<String, String> object : stage.catalog().definitions().entrySet()) {
            if (object.getKey().startsWith("publication ") && object.getKey().endsWith(of)) {
                ObjectName name = ObjectName.of(object.getKey());
                out.addAll(Dropping.publication(name).sql());
                Recreating.publication(name, object.getValue()).ifPresent(add -> last.addAll(add.sql()));
            }
        }
    }

    private void partition(Relation table, List<String> last) {
        String bound = table.partitionBound();
        for (QualifiedName parent : table.parents()) {
            if (goingToo.contains(parent)) {
                continue;
            }
            if (bound == null) {
                out.add(Sql.alter(table.name(), "NO INHERIT " + parent.sql()));
                last.add(SameColumns.ofHeir(parent, table.name()));
                last.add(Sql.alter(table.name(), "INHERIT " + parent.sql()));
            } else {
                out.add(Sql.alter(parent, "DETACH PARTITION " + table.name().sql()));
                table.constraints().stream()
                        .filter(key -> isOfParent(table, key)) // now its own; ATTACH makes them anew
                        .forEach(key -> out.add(Sql.alter(table.name(), "DROP CONSTRAINT " + Sql.quote(key.name()))));
                last.add(0, Sql.alter(parent, "ATTACH PARTITION " + table.name().sql() + " " + bound));
                last.add(0, SameColumns.ofPartition(parent, table.name()));
            }
        }
    }

    private void names(Relation table, List<String> back) {
        String schema = table.name().schema();
        for (Index index : table.indexes()) {
            rename("INDEX", schema, index.name().name(), back);
        }
        String owned = " owned by " + table.name().sql() + ".";
        String identity = " identity of " + table.name().sql() + ".";
        stage.catalog().definitions().forEach((object, definition) -> {
            ObjectName name = ObjectName.of(object);
            if (name.is("sequence") && (definition.contains(owned) || definition.contains(identity))) {
                rename("SEQUENCE", schema, name.name(), back);
            } else if (name.is("statistics")
                    && ExtendedStatistics.areOf(Objects.requireNonNull(definition), table.name())) {
                String resting = Attic.resting(key, name.name());
                out.add("ALTER STATISTICS " + name.sql() + " RENAME TO " + Sql.quote(resting));
                back.add("ALTER STATISTICS " + new QualifiedName(name.schema(), resting).sql() + " RENAME TO "
                        + Sql.quote(name.name()));
            }
        });
    }

    private void rename(String kind, String schema, String name, List<String> back) {
        String moved = names.moved(schema, name);
        out.add("ALTER " + kind + " " + new QualifiedName(schema, name).sql() + " RENAME TO " + Sql.quote(moved));
        back.add("ALTER " + kind + " " + new QualifiedName(schema, moved).sql() + " RENAME TO " + Sql.quote(name));
    }
}
