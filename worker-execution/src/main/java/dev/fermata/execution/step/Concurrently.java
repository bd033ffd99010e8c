package dev.fermata.execution.step;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A statement that runs outside of transactions, as far as it matters for what it may leave behind. */
sealed interface Concurrently {
    /** The index with the schema of its table, as SQL. */
    record CreateIndex(String index, String table) implements Concurrently {}

    record DropIndex(String index) implements Concurrently {}

    /** @param name of an index or a table, as SQL */
    record Reindex(String name) implements Concurrently {}

    record Detach(String parent, String partition) implements Concurrently {}

    /** Running it twice is as good as once. */
    record Repeatable() implements Concurrently {}

    /** Nothing is known of it. */
    record Other() implements Concurrently {}

    /** As the planner writes them; a statement that is written otherwise is {@link Other}. */
    static Concurrently of(String sql) {
        return Forms.of(sql);
    }

    /** How they are written. */
    final class Forms {
        private static final String PART = "(?:\"(?:[^\"]|\"\")+\"|[\\w$]+)";
        private static final String NAME = "(" + PART + "(?:\\." + PART + ")?)";
        private static final Pattern CREATE = Pattern.compile(
                "(?is)^\\s*CREATE\\s+(?:UNIQUE\\s+)?INDEX\\s+CONCURRENTLY\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?" + NAME
                        + "\\s+ON\\s+(?:ONLY\\s+)?" + NAME);
        private static final Pattern DROP =
                Pattern.compile("(?is)^\\s*DROP\\s+INDEX\\s+CONCURRENTLY\\s+(?:IF\\s+EXISTS\\s+)?" + NAME);
        private static final Pattern REINDEX =
                Pattern.compile("(?is)^\\s*REINDEX\\s+(?:\\([^)]*\\)\\s*)?(?:INDEX|TABLE)\\s+CONCURRENTLY\\s+" + NAME);
        private static final Pattern DETACH =
                Pattern.compile("(?is)^\\s*ALTER\\s+TABLE\\s+(?:IF\\s+EXISTS\\s+)?(?:ONLY\\s+)?" + NAME
                        + "\\s+DETACH\\s+PARTITION\\s+" + NAME + "\\s+CONCURRENTLY");
        private static final Pattern REPEATABLE = Pattern.compile(
                "(?is)^\\s*(?:VACUUM|ANALYZE|ANALYSE|REFRESH\\s+MATERIALIZED|CLUSTER|CHECKPOINT|REINDEX)\\b.*"
                        + "|^\\s*ALTER\\s+TYPE\\s+" + NAME + "\\s+ADD\\s+VALUE\\s+IF\\s+NOT\\s+EXISTS\\b.*");
        private static final Pattern SCHEMA = Pattern.compile("^(" + PART + ")\\.");

        private Forms() {}

        private static Concurrently of(String sql) {
            Matcher create = CREATE.matcher(sql);
            if (create.find()) {
                return new CreateIndex(inSchemaOf(create.group(2), create.group(1)), create.group(2));
            }
            Matcher drop = DROP.matcher(sql);
            if (drop.find()) {
                return new DropIndex(drop.group(1));
            }
            Matcher reindex = REINDEX.matcher(sql);
            if (reindex.find()) {
                return new Reindex(reindex.group(1));
            }
            Matcher detach = DETACH.matcher(sql);
            if (detach.find()) {
                return new Detach(detach.group(1), detach.group(2));
            }
            return REPEATABLE.matcher(sql).matches() ? new Repeatable() : new Other();
        }

        /** An index lives in the schema of its table. */
        private static String inSchemaOf(String table, String index) {
            Matcher qualified = SCHEMA.matcher(table);
            return qualified.find() && !index.contains(".") ? qualified.group(1) + "." + index : index;
        }
    }
}
