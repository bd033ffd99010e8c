package dev.fermata.execution.backup;

import dev.fermata.contracts.Fields;
import dev.fermata.postgres.catalog.Dispensable;
import dev.fermata.postgres.catalog.SchemaScript;
import dev.fermata.postgres.catalog.UnfinishedIndex;
import java.sql.SQLException;
import java.util.List;

/**
 * The statements that make the schema again, in an order that works.
 *
 * @param uncheckedKeys foreign keys of {@code afterData} that point to tables which are not kept; they are restored NOT
 *     VALID
 * @param leftOutKeys the same of partitioned tables, which cannot be NOT VALID before PostgreSQL 18; they are not restored
 * @param ownership owners and grants of the kept tables; only whoever restores knows whether the roles are there
 * @param dispensable what whoever restores can do without, if it may not make it; older backups say nothing of it
 * @param unfinishedIndexes those that are not valid; in older backups there is none of them
 */
record BackupSchema(
        List<String> beforeData,
        List<String> afterData,
        List<String> sequencePositions,
        List<String> uncheckedKeys,
        List<String> leftOutKeys,
        List<String> ownership,
        List<Dispensable> dispensable,
        List<UnfinishedIndex> unfinishedIndexes) {

    BackupSchema {
        beforeData = List.copyOf(beforeData);
        afterData = List.copyOf(afterData);
        sequencePositions = List.copyOf(sequencePositions);
        uncheckedKeys = List.copyOf(uncheckedKeys);
        leftOutKeys = List.copyOf(leftOutKeys);
        ownership = List.copyOf(ownership);
        dispensable = Fields.copy(dispensable);
        unfinishedIndexes = Fields.copy(unfinishedIndexes);
    }

    static BackupSchema of(SchemaScript script, SourceTables tables) throws SQLException {
        return new BackupSchema(
                script.beforeData(),
                script.afterData(),
                script.sequencePositions(),
                tables.uncheckedKeys(),
                tables.leftOutKeys(),
                tables.ownership(),
                script.dispensable(),
                script.unfinishedIndexes());
    }

    /** To be applied. A key whose other table is empty cannot be checked, and is not. */
    SchemaScript script() {
        List<String> after = afterData.stream()
                .filter(sql -> !leftOutKeys.contains(sql))
                .map(sql -> uncheckedKeys.contains(sql) && !sql.endsWith(" NOT VALID") ? sql + " NOT VALID" : sql)
                .toList();
        return new SchemaScript(beforeData, after, sequencePositions, List.of(), dispensable, unfinishedIndexes);
    }

    /** For people, who may have nothing but psql and zstd at hand. */
    String text() {
        StringBuilder text = new StringBuilder();
        section(text, "before the rows", beforeData);
        text.append("-- the rows: zstd -dc FILE | psql -c '\\copy TABLE (COLUMNS) FROM STDIN'\n\n");
        section(text, "after the rows", script().afterData());
        text.append("-- keys of partitioned tables to tables that were not kept\n");
        leftOutKeys.forEach(
                sql -> text.append("-- ").append(sql.replace("\n", " ")).append(";\n"));
        text.append('\n');
        section(text, "positions of sequences", sequencePositions);
        section(text, "owners and grants", ownership);
        return text.toString();
    }

    private static void section(StringBuilder text, String heading, List<String> statements) {
        text.append("-- ").append(heading).append('\n');
        statements.forEach(sql -> text.append(sql).append(";\n"));
        text.append('\n');
    }
}
