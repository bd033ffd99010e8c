package dev.fermata.analysis.rule;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import java.util.Optional;

/** The tables, views and sequences that statements make. */
public final class Creations {
    private Creations() {}

    /** The relation that it creates, or creates unless it is there. */
    public static Optional<WrittenName> of(Statement statement) {
        JsonNode node = statement.node();
        JsonNode range =
                switch (statement.kind()) {
                    case "CreateStmt" -> node.path("relation");
                    case "CreateForeignTableStmt" -> node.path("base").path("relation");
                    case "CreateTableAsStmt" -> node.path("into").path("rel");
                    case "ViewStmt" -> node.path("view");
                    case "CreateSeqStmt" -> node.path("sequence");
                    default -> node.path("none");
                };
        return range.isMissingNode()
                ? Optional.empty()
                : Optional.of(new WrittenName(
                        range.path("schemaname").asText(""),
                        range.path("relname").asText("")));
    }
}
