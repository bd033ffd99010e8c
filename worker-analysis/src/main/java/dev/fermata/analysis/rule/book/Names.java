package dev.fermata.analysis.rule.book;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.WrittenName;
import java.util.Optional;

/** Names in trees, and new names for what a fix makes. */
final class Names {
    private static final int LONGEST = 63;

    private Names() {}

    /** @param rangeVar the content of a RangeVar; empty if the node is missing */
    static Optional<WrittenName> of(JsonNode rangeVar) {
        return rangeVar.isMissingNode()
                ? Optional.empty()
                : Optional.of(new WrittenName(
                        rangeVar.path("schemaname").asText(""),
                        rangeVar.path("relname").asText("")));
    }

    /** A name for something on a table, short enough for the server to keep all of it, quoted if need be. */
    static String made(WrittenName table, String... parts) {
        String tail = "_" + String.join("_", parts);
        String head = table.name();
        int room = Math.max(1, LONGEST - tail.length());
        return QualifiedName.quote((head.length() > room ? head.substring(0, room) : head)
                + (tail.length() > LONGEST - 1 ? tail.substring(0, LONGEST - 1) : tail));
    }

    static String columns(Iterable<String> columns) {
        StringBuilder list = new StringBuilder();
        for (String column : columns) {
            list.append(list.isEmpty() ? "" : ", ").append(QualifiedName.quote(column));
        }
        return list.toString();
    }
}
