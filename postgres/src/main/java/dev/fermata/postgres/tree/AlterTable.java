package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.SqlText;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * ALTER TABLE and its kin: INDEX, VIEW, MATERIALIZED VIEW, SEQUENCE, FOREIGN TABLE, TYPE.
 *
 * @param object what is altered, in SQL words
 * @param only whether descendants are left out
 */
public record AlterTable(
        String object, WrittenName table, boolean only, boolean ifExists, List<AlterCommand> commands) {
    public AlterTable {
        commands = List.copyOf(commands);
    }

    /** Empty for a statement of another kind. */
    public static Optional<AlterTable> of(Statement statement) {
        if (!statement.kind().equals("AlterTableStmt")) {
            return Optional.empty();
        }
        JsonNode node = statement.node();
        List<Integer> starts = SqlText.listStarts(
                statement, node.path("relation").path("location").asInt(0));
        List<AlterCommand> commands = new ArrayList<>();
        for (JsonNode command : node.path("cmds")) {
            int number = commands.size();
            commands.add(
                    AlterCommand.of(command.path("AlterTableCmd"), number < starts.size() ? starts.get(number) : 0));
        }
        return Optional.of(new AlterTable(
                node.path("objtype")
                        .asText()
                        .replaceFirst("^OBJECT_", "")
                        .replace("MATVIEW", "MATERIALIZED VIEW")
                        .replace('_', ' ')
                        .toUpperCase(Locale.ROOT),
                Nodes.relation(node.path("relation")),
                !node.path("relation").path("inh").asBoolean(),
                node.path("missing_ok").asBoolean(),
                commands));
    }

    public boolean isTable() {
        return object.equals("TABLE");
    }

    public Stream<AlterCommand> commands(String... subtypes) {
        return commands.stream().filter(command -> command.is(subtypes));
    }
}
