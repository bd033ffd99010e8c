package dev.fermata.execution.backup;

import com.github.luben.zstd.ZstdOutputStream;
import dev.fermata.execution.backup.SourceTables.Source;
import dev.fermata.postgres.catalog.CanonicalOutput;
import dev.fermata.postgres.catalog.ContentChecksum;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Copies tables into files, several at a time, all at the moment of one snapshot. */
final class TableCopies {
    /** Near the fastest level, and already a quarter of the text. */
    private static final int LEVEL = 3;

    private static final int BUFFER = 1 << 16;
    private static final int ROWS_PER_LOOK = 10_000;

    private final ExportedSnapshot snapshot;
    private final BackupStore store;
    private final String folder;
    private final Runnable checkPoint;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    TableCopies(ExportedSnapshot snapshot, BackupStore store, String folder, Runnable checkPoint) {
        this.snapshot = snapshot;
        this.store = store;
        this.folder = folder;
        this.checkPoint = checkPoint;
    }

    /** What is done with a table by a session of the snapshot. */
    private interface Work {
        BackupManifest.Table on(Connection connection, Numbered table) throws SQLException, IOException;
    }

    private record Numbered(int number, Source table) {}

    /** Writes a file for each table, biggest first, and sums its rows. */
    List<BackupManifest.Table> write(List<Source> tables, int parallel)
            throws SQLException, IOException, InterruptedException {
        return all(tables, parallel, this::write);
    }

    /** Only sums the rows, for what pg_dump writes. */
    List<BackupManifest.Table> sum(List<Source> tables, int parallel)
            throws SQLException, IOException, InterruptedException {
        return all(tables, parallel, TableCopies::sum);
    }

    private List<BackupManifest.Table> all(List<Source> tables, int parallel, Work work)
            throws SQLException, IOException, InterruptedException {
        Queue<Numbered> queue = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < tables.size(); i++) {
            queue.add(new Numbered(i + 1, tables.get(i)));
        }
        Queue<BackupManifest.Table> done = new ConcurrentLinkedQueue<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> sessions = new ArrayList<>();
            for (int i = 0; i < Math.min(parallel, tables.size()); i++) {
                sessions.add(threads.submit(() -> drain(queue, work, done)));
            }
            try {
                for (Future<?> session : sessions) {
                    session.get();
                }
            } catch (ExecutionException e) {
                Throwable first = failure.get();
                throw rethrown(first == null ? e : first);
            } finally {
                sessions.forEach(session -> session.cancel(true));
            }
        }
        return done.stream()
                .sorted(Comparator.comparing(BackupManifest.Table::qualifiedName))
                .toList();
    }

    private @Nullable Void drain(Queue<Numbered> queue, Work work, Queue<BackupManifest.Table> done)
            throws SQLException, IOException {
        try (Connection connection = snapshot.join()) {
            for (Numbered next = queue.poll(); next != null && failure.get() == null; next = queue.poll()) {
                checkPoint.run();
                done.add(work.on(connection, next));
            }
            return null;
        } catch (SQLException | IOException | RuntimeException e) {
            failure.compareAndSet(null, e);
            throw e;
        }
    }

    private static RuntimeException rethrown(Throwable cause) throws SQLException, IOException {
        switch (cause) {
            case SQLException e -> throw e;
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IllegalStateException("copying tables", cause);
        }
    }

    private static BackupManifest.Table sum(Connection connection, Numbered next) throws SQLException {
        ContentChecksum content = ContentChecksum.of(connection, next.table().name());
        return table(next.table(), content, null);
    }

    private BackupManifest.Table write(Connection connection, Numbered next) throws SQLException, IOException {
        Source table = next.table();
        ContentChecksum content = ContentChecksum.of(connection, table.name());
        String name = String.format("%04d-%s.copy.zst", next.number(), fileName(table));
        StoredFile file;
        try {
            file = store.write(folder + "/" + name, out -> copy(connection, table, out));
        } catch (CopyFailure e) {
            throw e.sql;
        }
        return table(table, content, file.named(name));
    }

    /** The number keeps two apart that look alike after this. */
    private static String fileName(Source table) {
        String plain = (table.name().schema() + "." + table.name().name()).replaceAll("[^A-Za-z0-9_.-]", "_");
        return plain.length() > 100 ? plain.substring(0, 100) : plain;
    }

    private static BackupManifest.Table table(Source table, ContentChecksum content, @Nullable StoredFile file) {
        return new BackupManifest.Table(
                table.name().schema(), table.name().name(), table.columns(), content.rows(), content.sum(), file);
    }

    /** The database's failure, on its way through what writes files. */
    private static final class CopyFailure extends IOException {
        private final transient SQLException sql;

        CopyFailure(SQLException sql) {
            super("copying");
            this.sql = sql;
        }
    }

    private void copy(Connection connection, Source table, OutputStream out) throws IOException {
        ZstdOutputStream compressed = new ZstdOutputStream(out, LEVEL);
        compressed.setChecksum(true);
        // The server sends row by row, and each write to the compressor is a call into native code.
        try (OutputStream rows = new BufferedOutputStream(compressed, BUFFER)) {
            CanonicalOutput.reading(connection, () -> {
                CopyOut copy =
                        connection.unwrap(PGConnection.class).getCopyAPI().copyOut(table.copy() + " TO STDOUT");
                try {
                    pump(copy, rows);
                } finally {
                    if (copy.isActive()) {
                        copy.cancelCopy();
                    }
                }
                checkPoint.run(); // whoever was stopped meanwhile must not put its file in the place of another's
                return copy.getHandledRowCount();
            });
        } catch (SQLException e) {
            throw new CopyFailure(e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void pump(CopyOut copy, OutputStream out) throws SQLException {
        long row = 0;
        try {
            for (byte[] data = copy.readFromCopy(); data != null; data = copy.readFromCopy()) {
                out.write(data);
                if (++row % ROWS_PER_LOOK == 0) {
                    checkPoint.run();
                    if (failure.get() != null) {
                        throw new IOException("another table could not be copied");
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
