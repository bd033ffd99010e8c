package dev.fermata.execution.plan;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.parser.SqlInputException;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Cuts an ALTER TABLE into its commands, so that no lock is held over what another one of them takes long for. They go in
 * the order in which the server would do them, which is not always the one in which they are written
 * (PostgreSQL source, tablecmds.c, "AT_PASS").
 */
final class Pieces {
    private static final int FIRST = 10;
    private static final int LAST = 90;
    private static final Map<String, Integer> PASSES = Map.ofEntries(
            Map.entry("AT_DropColumn", FIRST),
            Map.entry("AT_DropConstraint", FIRST),
            Map.entry("AT_DropNotNull", FIRST),
            Map.entry("AT_DropExpression", FIRST),
            Map.entry("AT_AlterColumnType", 20),
            Map.entry("AT_AddColumn", 30),
            Map.entry("AT_SetExpression", 40),
            Map.entry("AT_ColumnDefault", 50),
            Map.entry("AT_AddIdentity", 50),
            Map.entry("AT_SetIdentity", 50),
            Map.entry("AT_DropIdentity", FIRST),
            Map.entry("AT_SetNotNull", 55),
            Map.entry("AT_AddConstraint", 60));

    private final SqlParser parser;

    Pieces(SqlParser parser) {
        this.parser = parser;
    }

    List<Piece> of(Statement statement, WorkOrder.Strategy strategy) {
        Optional<AlterTable> alter = AlterTable.of(statement);
        if (strategy == WorkOrder.Strategy.AS_WRITTEN
                || alter.isEmpty()
                || !alter.get().isTable()
                || alter.get().commands().size() < 2) {
            return List.of(new Piece(statement, statement));
        }
        List<AlterCommand> commands = alter.get().commands();
        List<Cut> cuts = new ArrayList<>();
        for (int i = 0; i < commands.size(); i++) {
            int end = i + 1 < commands.size()
                    ? commands.get(i + 1).offset()
                    : statement.text().length();
            Optional<Statement> alone = alone(statement, commands.get(0).offset(), commands.get(i), end);
            if (alone.isEmpty()) {
                return List.of(new Piece(statement, statement));
            }
            cuts.add(new Cut(pass(commands.get(i)), new Piece(statement, alone.get())));
        }
        return cuts.stream()
                .sorted(Comparator.comparingInt(Cut::pass))
                .map(Cut::piece)
                .toList();
    }

    private record Cut(int pass, Piece piece) {}

    private static int pass(AlterCommand command) {
        int pass = PASSES.getOrDefault(command.subtype(), LAST);
        boolean takesAway =
                command.is("AT_ColumnDefault") && command.definition().isEmpty();
        if (takesAway) {
            return FIRST;
        }
        boolean index = command.constraint().filter(c -> c.buildsIndex()).isPresent();
        return index ? pass - 1 : pass; // keys first: a foreign key of the same table may need them
    }

    /** The command with the head of the statement, up to the last comma that leaves something that can be parsed. */
    private Optional<Statement> alone(Statement statement, int firstStart, AlterCommand command, int limit) {
        String head = statement.text().substring(0, firstStart);
        String text = statement.text();
        for (int end = limit; end > command.offset(); end = text.lastIndexOf(',', end - 1)) {
            Optional<Statement> parsed = parse(head + text.substring(command.offset(), end), statement.index());
            if (parsed.isPresent()) {
                return parsed;
            }
        }
        return Optional.empty();
    }

    private Optional<Statement> parse(String sql, int index) {
        try {
            List<Statement> parsed = parser.parseScript(sql);
            return parsed.size() == 1
                            && AlterTable.of(parsed.get(0))
                                    .filter(alter -> alter.commands().size() == 1)
                                    .isPresent()
                    ? Optional.of(at(index, parsed.get(0)))
                    : Optional.empty();
        } catch (SqlInputException e) {
            return Optional.empty(); // cut in the wrong place
        }
    }

    private static Statement at(int index, Statement parsed) {
        return new Statement(
                index,
                parsed.start(),
                parsed.end(),
                parsed.line(),
                parsed.column(),
                parsed.text(),
                parsed.kind(),
                parsed.node());
    }
}
