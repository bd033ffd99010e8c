package dev.fermata.execution.random;

import dev.fermata.execution.random.RandomSchema.Column;
import dev.fermata.execution.random.RandomSchema.Table;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A statement that the server accepts after those before it.
 *
 * @param applied tells the schema what it did
 */
record RandomChange(String sql, Runnable applied) {
    private static final List<Function<RandomSchema, Optional<RandomChange>>> KINDS = List.of(
            RandomChange::addColumn,
            RandomChange::addColumn,
            RandomChange::dropColumn,
            RandomChange::widen,
            RandomChange::nullability,
            RandomChange::defaults,
            RandomChange::addCheck,
            RandomChange::addUnique,
            RandomChange::addReference,
            RandomChange::dropCheck,
            RandomChange::createIndex,
            RandomChange::createIndex,
            RandomChange::dropIndex,
            RandomChange::renameColumn,
            RandomChange::renameTable,
            RandomChange::createTable,
            RandomChange::dropTable,
            RandomChange::createView,
            RandomChange::comment,
            RandomChange::update,
            RandomChange::update,
            RandomChange::delete);

    /** One that fits the schema as it is now. */
    static RandomChange next(RandomSchema schema) {
        while (true) {
            Optional<RandomChange> change = schema.any(KINDS).apply(schema);
            if (change.isPresent()) {
                return change.get();
            }
        }
    }

    private static Optional<RandomChange> of(String sql, Runnable applied) {
        return Optional.of(new RandomChange(sql, applied));
    }

    private static Optional<RandomChange> addColumn(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        Column column = new Column(schema.fresh("c"), schema.type(), false, table.rows > 0);
        String add = "ALTER TABLE " + table.name + " ADD COLUMN " + column.name + " " + column.type;
        if (schema.random.nextBoolean()) {
            return of(add, () -> table.columns.add(column));
        }
        column.notNull = schema.random.nextBoolean();
        column.nulls = false;
        return of(
                add + (column.notNull ? " NOT NULL" : "") + " DEFAULT " + RandomSchema.value(column.type, "7"),
                () -> table.columns.add(column));
    }

    private static Optional<RandomChange> dropColumn(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        return unused(schema, table)
                .flatMap(column -> of(
                        "ALTER TABLE " + table.name + " DROP COLUMN " + column.name,
                        () -> table.columns.remove(column)));
    }

    private static Optional<Column> unused(RandomSchema schema, Table table) {
        List<Column> unused = table.columns.stream().filter(c -> !c.used).toList();
        return unused.size() < 2 ? Optional.empty() : Optional.of(schema.any(unused));
    }

    private static Optional<RandomChange> widen(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        return unused(schema, table).flatMap(column -> {
            String wider =
                    switch (column.type) {
                        case "integer" -> "bigint";
                        case "varchar(20)" -> "text";
                        case "numeric(10,2)" -> "numeric(12,2)";
                        case "date" -> "timestamptz";
                        default -> "";
                    };
            return wider.isEmpty()
                    ? Optional.empty()
                    : of(
                            "ALTER TABLE " + table.name + " ALTER COLUMN " + column.name + " TYPE " + wider,
                            () -> column.type = wider);
        });
    }

    private static Optional<RandomChange> nullability(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        Column column = schema.any(table.columns);
        String alter = "ALTER TABLE " + table.name + " ALTER COLUMN " + column.name;
        if (column.notNull) {
            return of(alter + " DROP NOT NULL", () -> column.notNull = false);
        }
        return column.nulls ? Optional.empty() : of(alter + " SET NOT NULL", () -> column.notNull = true);
    }

    private static Optional<RandomChange> defaults(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        Column column = schema.any(table.columns);
        String alter = "ALTER TABLE " + table.name + " ALTER COLUMN " + column.name;
        return schema.random.nextBoolean()
                ? of(alter + " SET DEFAULT " + RandomSchema.value(column.type, "3"), () -> {})
                : of(alter + " DROP DEFAULT", () -> {});
    }

    private static Optional<RandomChange> addCheck(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        String name = schema.fresh("k");
        return of(
                "ALTER TABLE " + table.name + " ADD CONSTRAINT " + name + " CHECK (id < 1000000)",
                () -> table.checks.add(name));
    }

    private static Optional<RandomChange> addUnique(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        Column column = schema.any(table.columns);
        return of(
                "ALTER TABLE " + table.name + " ADD CONSTRAINT " + schema.fresh("u") + " UNIQUE (id, " + column.name
                        + ")",
                () -> column.used = true);
    }

    private static Optional<RandomChange> addReference(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        Table parent = schema.any(schema.tables);
        if (table == parent || table.rows > parent.rows) {
            return Optional.empty();
        }
        return of(
                "ALTER TABLE " + table.name + " ADD CONSTRAINT " + schema.fresh("f") + " FOREIGN KEY (id) REFERENCES "
                        + parent.name + " (id)",
                () -> parent.referenced = true);
    }

    private static Optional<RandomChange> dropCheck(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        if (table.checks.isEmpty()) {
            return Optional.empty();
        }
        String name = schema.any(table.checks);
        return of("ALTER TABLE " + table.name + " DROP CONSTRAINT " + name, () -> table.checks.remove(name));
    }

    private static Optional<RandomChange> createIndex(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        Column column = schema.any(table.columns);
        String name = schema.fresh("i");
        return of("CREATE INDEX " + name + " ON " + table.name + " (" + column.name + ", id)", () -> {
            table.indexes.add(name);
            column.used = true;
        });
    }

    private static Optional<RandomChange> dropIndex(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        if (table.indexes.isEmpty()) {
            return Optional.empty();
        }
        String name = schema.any(table.indexes);
        return of("DROP INDEX " + name, () -> table.indexes.remove(name));
    }

    private static Optional<RandomChange> renameColumn(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        Column column = schema.any(table.columns);
        String name = schema.fresh("c");
        return of(
                "ALTER TABLE " + table.name + " RENAME COLUMN " + column.name + " TO " + name,
                () -> column.name = name);
    }

    private static Optional<RandomChange> renameTable(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        String name = schema.fresh("t");
        return of("ALTER TABLE " + table.name + " RENAME TO " + name, () -> table.name = name);
    }

    private static Optional<RandomChange> createTable(RandomSchema schema) {
        Table table = new Table(schema.fresh("t"), 0);
        Column column = new Column(schema.fresh("c"), schema.type(), false, false);
        table.columns.add(column);
        return of(
                "CREATE TABLE " + table.name + " (id integer PRIMARY KEY, " + column.name + " " + column.type + ")",
                () -> schema.tables.add(table));
    }

    private static Optional<RandomChange> dropTable(RandomSchema schema) {
        List<Table> free = schema.tables.stream()
                .filter(table -> !table.referenced && !table.viewed)
                .toList();
        if (free.isEmpty() || schema.tables.size() < 2) {
            return Optional.empty();
        }
        Table table = schema.any(free);
        return of("DROP TABLE " + table.name, () -> schema.tables.remove(table));
    }

    private static Optional<RandomChange> createView(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        Column column = schema.any(table.columns);
        return of("CREATE VIEW " + schema.fresh("v") + " AS SELECT id, " + column.name + " FROM " + table.name, () -> {
            column.used = true;
            table.viewed = true;
        });
    }

    private static Optional<RandomChange> comment(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        return of("COMMENT ON TABLE " + table.name + " IS 'changed'", () -> {});
    }

    private static Optional<RandomChange> update(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        return unused(schema, table)
                .flatMap(column -> of(
                        "UPDATE " + table.name + " SET " + column.name + " = "
                                + RandomSchema.value(column.type, "(id + 13)") + " WHERE id % 3 = 0",
                        () -> {}));
    }

    private static Optional<RandomChange> delete(RandomSchema schema) {
        Table table = schema.any(schema.tables);
        return table.referenced ? Optional.empty() : of("DELETE FROM " + table.name + " WHERE id % 11 = 5", () -> {});
    }
}
