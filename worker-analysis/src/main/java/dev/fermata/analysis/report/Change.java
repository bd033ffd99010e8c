package dev.fermata.analysis.report;

import dev.fermata.postgres.parser.Bodies;
import dev.fermata.postgres.parser.BodyStatement;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an order wants to be run, taken apart.
 *
 * @param order its name: what a policy takes for the name of a file
 */
public record Change(String order, List<Statement> statements, Bodies bodies) {
    public Change {
        statements = List.copyOf(statements);
    }

    /** @throws dev.fermata.postgres.parser.SqlInputException where it does not parse */
    public static Change of(String order, String sql, SqlParser parser) {
        List<Statement> statements = parser.parseScript(sql);
        return new Change(order, statements, Bodies.of(statements, parser));
    }

    /** With those in DO blocks, after their block. */
    List<Statement> withThoseInBlocks() {
        return statements.stream()
                .flatMap(statement -> Stream.concat(
                        Stream.of(statement), bodies.runBy(statement).stream().map(BodyStatement::statement)))
                .toList();
    }
}
