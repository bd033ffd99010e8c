package dev.fermata.postgres.preflight;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The query behind a question. It has one row, without columns, for each row in violation.
 *
 * <pre>{@code SELECT FROM public.orders WHERE note IS NULL}</pre>
 *
 * @param from up to the table that is scanned: what samples the table goes between the two
 * @param rest of the query
 * @param sampled whether a share of the table's pages has about that share of the rows in violation
 * @param calls what it runs that the author wrote
 * @param searchPath under which the author's words mean what they should
 */
public record Counting(
        String from, String rest, boolean sampled, List<Reading> reads, Calls calls, List<String> searchPath) {
    public Counting {
        reads = List.copyOf(reads);
        searchPath = List.copyOf(searchPath);
    }

    /** Counts, and stops looking one row after {@code atMost}. */
    public String sql(long atMost) {
        return "SELECT count(*) FROM (" + from + rest + " LIMIT " + (atMost + 1) + ") AS violations";
    }

    /** Counts in a share of the pages, the same ones each time; empty where that tells nothing of the whole. */
    public Optional<String> sampleSql(double percent) {
        return sampled
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "SELECT count(*) FROM (%s TABLESAMPLE SYSTEM (%.6f) REPEATABLE (1)%s) AS violations",
                        from,
                        percent,
                        rest))
                : Optional.empty();
    }
}
