package dev.fermata.postgres.parser;

import dev.fermata.postgres.parser.SqlRefusedException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * PostgreSQL 18's own parser. It accepts what a server accepts, refuses what a server refuses with the server's message
 * and position, and delimits statements as the server does.
 *
 * <p>Thread-safe. At most {@code threads} texts are parsed at a time, each on a thread and an instance of its own
 * (about 40 MiB of heap, made on first use, which takes about a second); further callers wait. Memory is bounded by
 * {@code threads} times what the largest accepted script takes. {@link #close} drops the instances.
 *
 * <p>Two known differences from the server, both of libpg_query: a string constant that goes on after a line comment
 * ({@code 'a' -- b}, then {@code 'c'} on the next line) is refused, and junk after a parameter ({@code $1a}) is
 * accepted.
 *
 * <pre>{@code
 * try (SqlParser parser = new SqlParser(2)) {
 *     for (Statement statement : parser.parseScript("create table t (a int); alter table t add b text")) { ... }
 * }
 * }</pre>
 */
public final class SqlParser implements AutoCloseable {
    /** What fits a script that people have written; data belongs elsewhere. */
    public static final int DEFAULT_MAX_BYTES = 5 * 1024 * 1024;

    public static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(10);

    private final ParserThreads threads;
    private final int maxBytes;

    /** @param threads how many texts are parsed at a time, at least 1 */
    public SqlParser(int threads) {
        this(threads, DEFAULT_MAX_BYTES, DEFAULT_TIME_LIMIT);
    }

    /**
     * @param maxBytes longest text taken, in UTF-8 bytes
     * @param timeLimit longest time one text may take
     */
    public SqlParser(int threads, int maxBytes, Duration timeLimit) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + " (expected: >= 1)");
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: >= 1)");
        }
        if (timeLimit.isNegative() || timeLimit.isZero()) {
            throw new IllegalArgumentException("timeLimit: " + timeLimit + " (expected: > 0)");
        }
        this.threads = new ParserThreads(threads, timeLimit);
        this.maxBytes = maxBytes;
    }

    /**
     * The statements of a script, in order; none for a script of blanks and comments.
     *
     * @throws SqlSyntaxException when it is not SQL that a server understands; this covers what only psql understands
     *     (backslash commands, variables, COPY data lines)
     * @throws SqlRefusedException when it passes a limit: NUL characters, size, nesting, time
     */
    public List<Statement> parseScript(String sql) {
        int nul = sql.indexOf('\0');
        if (nul >= 0) {
            throw new SqlRefusedException(
                    Reason.NUL_CHARACTER, "the script holds a NUL character at offset " + nul + ": remove it");
        }
        if (sql.length() > maxBytes) {
            throw tooLarge(sql.length());
        }
        Positions positions = new Positions(sql);
        if (positions.utf8().length > maxBytes) {
            throw tooLarge(positions.utf8().length);
        }
        return threads.call(libPgQuery -> new ScriptReader(positions).read(libPgQuery.parse(positions.utf8())));
    }

    /**
     * Work on an instance of its own, under the same limits.
     *
     * @throws SqlRefusedException as {@link #parseScript} does
     */
    <T> T call(Function<LibPgQuery, T> work) {
        return threads.call(work);
    }

    /** Drops the instances. A call that is under way still ends; later ones throw {@link IllegalStateException}. */
    @Override
    public void close() {
        threads.close();
    }

    private SqlRefusedException tooLarge(int size) {
        return new SqlRefusedException(
                Reason.TOO_LARGE,
                "the script has %d bytes (expected: at most %d): split it into smaller ones".formatted(size, maxBytes));
    }
}
