package dev.fermata.contracts.order;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the SQL of an order: in a block, in the value of a key, or in a file that the value names. */
final class SqlReader {
    private final Keys keys;
    private final @Nullable MarkdownDocument body;
    private final String displayName;
    private final Sources sources;
    private final Problems problems;

    /** @param body null where the document is YAML or JSON */
    SqlReader(Keys keys, @Nullable MarkdownDocument body, String displayName, Sources sources, Problems problems) {
        this.keys = keys;
        this.body = body;
        this.displayName = displayName;
        this.sources = sources;
        this.problems = problems;
    }

    record Sql(String text, SqlOrigin origin) {}

    /** Null when it is absent or wrong, which has been reported. */
    @Nullable
    Sql required(String key) {
        if (!keys.has(key) && blocks(key).isEmpty()) {
            Mark plain = body == null ? null : body.plainSql();
            String next = body == null
                    ? "add it as text, or name a file such as V12__status.sql"
                    : plain == null
                            ? "add a block ```sql " + key + ", or name a file such as " + key + ": V12__status.sql"
                            : "the block of SQL in line " + plain.line() + " would be it if it began with ```sql "
                                    + key;
            keys.missing(key, "the SQL of the change", next);
        }
        return optional(key);
    }

    /** Null when it is absent, or wrong and reported. */
    @Nullable
    Sql optional(String key) {
        List<MarkdownDocument.Block> blocks = blocks(key);
        if (blocks.size() + (keys.has(key) ? 1 : 0) > 1) {
            givenTwice(key, blocks);
            return null;
        }
        if (!blocks.isEmpty()) {
            MarkdownDocument.Block block = blocks.get(0);
            return checked(key, block.start(), new Sql(block.sql(), origin(block.start(), true)));
        }
        Node.Scalar value = keys.textNode(key, "SQL, or the name of a file that ends in .sql");
        if (value == null) {
            return null;
        }
        if (namesFile(value.text())) {
            Sql file = file(key, value.text());
            return file == null ? null : checked(key, value.mark(), file);
        }
        Node.Span span = value.source();
        return checked(key, value.mark(), new Sql(value.text(), origin(span.start(), span.verbatim())));
    }

    /** One line that ends in .sql is a file; everything else is SQL. */
    static boolean namesFile(String value) {
        return value.endsWith(".sql") && value.indexOf('\n') < 0 && value.indexOf('\r') < 0;
    }

    private List<MarkdownDocument.Block> blocks(String key) {
        return body == null ? List.of() : body.blocks(key);
    }

    private SqlOrigin origin(Mark start, boolean verbatim) {
        return new SqlOrigin(displayName, start.line(), start.column(), verbatim);
    }

    private void givenTwice(String key, List<MarkdownDocument.Block> blocks) {
        MarkdownDocument.Block last = blocks.get(blocks.size() - 1);
        String first = keys.has(key)
                ? "the key '" + key + "' in line " + keys.mark(key).line()
                : "the block in line " + (blocks.get(0).start().line() - 1);
        problems.add(
                ProblemCode.GIVEN_TWICE,
                new Mark(last.start().line() - 1, last.start().column()),
                "/" + key,
                key + ": this block is beside " + first + " (expected: one of them); remove the other");
    }

    private @Nullable Sql file(String key, String name) {
        if (name.startsWith("/")
                || name.contains("\\")
                || name.contains(":")
                || List.of(name.split("/")).contains("..")) {
            keys.add(
                    ProblemCode.SOURCE,
                    key,
                    "file '" + name
                            + "' is outside the folder of the order (expected: a relative path without ..); move it"
                            + " there");
            return null;
        }
        try {
            return new Sql(DocumentText.withUnixLineEnds(sources.read(name)), new SqlOrigin(name, 1, 1, true));
        } catch (IOException e) {
            keys.add(ProblemCode.SOURCE, key, "file '" + name + "' cannot be read: " + e.getMessage());
            return null;
        }
    }

    private @Nullable Sql checked(String key, Mark mark, Sql sql) {
        String where = key
                + (sql.origin().file().equals(displayName)
                        ? ""
                        : ": file '" + sql.origin().file() + "'");
        if (sql.text().isBlank()) {
            problems.add(ProblemCode.EMPTY, mark, "/" + key, where + ": empty (expected: SQL); write it, or remove it");
            return null;
        }
        int bytes = sql.text().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > WorkOrderFile.MAX_SQL_BYTES) {
            problems.add(
                    ProblemCode.TOO_LARGE,
                    mark,
                    "/" + key,
                    where + ": " + bytes + " bytes (at most " + WorkOrderFile.MAX_SQL_BYTES
                            + "); split the change into several orders");
            return null;
        }
        int bad = DocumentText.firstNonText(sql.text());
        if (bad >= 0) {
            problems.add(
                    ProblemCode.NOT_TEXT,
                    mark,
                    "/" + key,
                    where + ": a NUL or half a character in it (expected: text); remove it");
            return null;
        }
        return sql;
    }
}
