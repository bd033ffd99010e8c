package dev.fermata.analysis.policy;

import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ColumnDefinition;
import dev.fermata.postgres.tree.CreateIndex;
import dev.fermata.postgres.tree.CreateTable;
import dev.fermata.postgres.tree.Rename;
import dev.fermata.postgres.tree.TypeName;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The columns that a statement adds, alters, drops, renames or indexes, as values of the expression language. */
final class ChangedColumns {
    private ChangedColumns() {}

    static List<Map<String, Object>> of(Statement statement) {
        return Stream.of(
                        CreateTable.of(statement).stream()
                                .flatMap(table -> table.columns().stream().map(column -> added(table.table(), column))),
                        AlterTable.of(statement).stream().flatMap(alter -> alter.commands().stream()
                                .flatMap(command -> altered(alter.table(), command))),
                        Rename.of(statement).filter(rename -> rename.object().equals("COLUMN")).stream()
                                .map(rename -> column(rename.of(), rename.oldName(), "renamed", "", false, false)),
                        CreateIndex.of(statement).stream().flatMap(index -> index.keys().stream()
                                .filter(key -> !key.isEmpty())
                                .map(key -> column(index.table(), key, "indexed", "", false, false))))
                .flatMap(columns -> columns)
                .toList();
    }

    private static Stream<Map<String, Object>> altered(WrittenName table, AlterCommand command) {
        return switch (command.subtype()) {
            case "AT_AddColumn" -> command.column().stream().map(column -> added(table, column));
            case "AT_DropColumn" -> Stream.of(column(table, command.name(), "dropped", "", false, false));
            case "AT_AlterColumnType" ->
                Stream.of(column(
                        table,
                        command.name(),
                        "altered",
                        command.newType().map(TypeName::sql).orElse(""),
                        false,
                        false));
            case "AT_SetNotNull" -> Stream.of(column(table, command.name(), "altered", "", true, false));
            case "AT_ColumnDefault" ->
                Stream.of(column(
                        table,
                        command.name(),
                        "altered",
                        "",
                        false,
                        !command.definition().isMissingNode()));
            case "AT_DropNotNull",
                    "AT_SetStatistics",
                    "AT_SetStorage",
                    "AT_SetCompression",
                    "AT_DropIdentity",
                    "AT_AddIdentity",
                    "AT_SetIdentity",
                    "AT_DropExpression",
                    "AT_SetExpression" -> Stream.of(column(table, command.name(), "altered", "", false, false));
            default -> Stream.empty();
        };
    }

    private static Map<String, Object> added(WrittenName table, ColumnDefinition column) {
        return column(table, column.name(), "added", column.type().sql(), column.notNull(), column.fillsItself());
    }

    private static Map<String, Object> column(
            WrittenName table, String name, String change, String type, boolean notNull, boolean hasDefault) {
        return Map.of(
                "table", table.in("public").toString(),
                "name", name,
                "change", change,
                "type", type,
                "notNull", notNull,
                "hasDefault", hasDefault);
    }
}
