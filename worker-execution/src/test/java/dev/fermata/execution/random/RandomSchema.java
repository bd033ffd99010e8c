package dev.fermata.execution.random;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A schema made from random numbers, with rows, and what is known of it while changes are made up: enough to write
 * statements that a server accepts.
 */
final class RandomSchema {
    private static final List<String> TYPES = List.of(
            "integer", "bigint", "text", "varchar(20)", "numeric(10,2)", "boolean", "timestamptz", "jsonb", "date");

    final RandomGenerator random;
    final List<Table> tables = new ArrayList<>();
    private final List<String> fill = new ArrayList<>();
    private int names;

    /** A table; the key is always {@code id}. */
    static final class Table {
        String name;
        final int rows;
        final List<Column> columns = new ArrayList<>();
        final List<String> checks = new ArrayList<>();
        final List<String> indexes = new ArrayList<>();
        boolean referenced;
        boolean viewed;

        Table(String name, int rows) {
            this.name = name;
            this.rows = rows;
        }
    }

    /** A column other than the key. */
    static final class Column {
        String name;
        String type;
        boolean notNull;
        boolean nulls;
        /** A constraint, an index or a view needs it. */
        boolean used;

        Column(String name, String type, boolean notNull, boolean nulls) {
            this.name = name;
            this.type = type;
            this.notNull = notNull;
            this.nulls = nulls;
        }
    }

    RandomSchema(RandomGenerator random) {
        this.random = random;
        int count = 2 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            table();
        }
        if (random.nextBoolean()) {
            Table table = any(tables);
            Column column = any(table.columns);
            fill.add("CREATE VIEW " + fresh("v") + " AS SELECT id, " + column.name + " FROM " + table.name);
            column.used = true;
            table.viewed = true;
        }
        fill.add("ANALYZE");
    }

    /** Statements that make the schema and its rows. */
    String[] fill() {
        return fill.toArray(String[]::new);
    }

    String fresh(String prefix) {
        return prefix + names++;
    }

    String type() {
        return any(TYPES);
    }

    <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private void table() {
        Table table = new Table(fresh("t"), random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(400));
        int count = 2 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            boolean notNull = random.nextInt(3) == 0;
            table.columns.add(new Column(fresh("c"), type(), notNull, !notNull && random.nextBoolean()));
        }
        String definitions = table.columns.stream()
                .map(c -> c.name + " " + c.type + (c.notNull ? " NOT NULL" : ""))
                .collect(Collectors.joining(", "));
        fill.add("CREATE TABLE " + table.name + " (id integer PRIMARY KEY, " + definitions + ")");
        String values = table.columns.stream().map(RandomSchema::filled).collect(Collectors.joining(", "));
        fill.add("INSERT INTO " + table.name + " SELECT n, " + values + " FROM generate_series(1, " + table.rows
                + ") AS n");
        surroundings(table);
        tables.add(table);
    }

    private void surroundings(Table table) {
        if (random.nextBoolean()) {
            Column column = any(table.columns);
            String index = fresh("i");
            fill.add("CREATE INDEX " + index + " ON " + table.name + " (" + column.name + ")");
            table.indexes.add(index);
            column.used = true;
        }
        if (random.nextBoolean()) {
            String check = fresh("k");
            fill.add("ALTER TABLE " + table.name + " ADD CONSTRAINT " + check + " CHECK (id > 0)");
            table.checks.add(check);
        }
        if (!tables.isEmpty() && random.nextBoolean()) {
            Table parent = any(tables);
            String column = fresh("r");
            fill.add("ALTER TABLE " + table.name + " ADD COLUMN " + column + " integer REFERENCES " + parent.name);
            parent.referenced = true;
        }
        if (random.nextInt(3) == 0) {
            fill.add("COMMENT ON TABLE " + table.name + " IS 'a table'");
        }
        if (random.nextInt(3) == 0) {
            fill.add("CREATE SEQUENCE " + fresh("s"));
        }
    }

    private static String filled(Column column) {
        String value = value(column.type, "n");
        return column.nulls ? "CASE WHEN n % 7 <> 0 THEN " + value + " END" : value;
    }

    /** A value of the type that depends on a number. */
    static String value(String type, String n) {
        return switch (type) {
            case "integer" -> n + " % 50";
            case "bigint" -> n + "::bigint * 1000";
            case "numeric(10,2)" -> "(" + n + " / 4.0)::numeric(10,2)";
            case "boolean" -> n + " % 2 = 0";
            case "timestamptz" -> "timestamptz '2026-01-01 00:00Z' + " + n + " * interval '1 hour'";
            case "jsonb" -> "jsonb_build_object('n', " + n + ")";
            case "date" -> "date '2026-01-01' + " + n + " % 400";
            default -> "'v' || " + n + " % 20";
        };
    }
}
