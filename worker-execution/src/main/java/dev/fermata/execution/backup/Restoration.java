package dev.fermata.execution.backup;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import dev.fermata.contracts.json.Json;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.Dispensable;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.SchemaCopy;
import dev.fermata.postgres.catalog.SchemaScript;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/** Puts what the files of a backup hold into an empty database, and says whether it is what was kept. */
final class Restoration {
    private final BackupStore store;
    private final String folder;
    private final BackupManifest manifest;
    private final PgClients clients;
    private final Runnable checkPoint;

    Restoration(BackupStore store, String folder, BackupManifest manifest, PgClients clients, Runnable checkPoint) {
        this.store = store;
        this.folder = folder;
        this.manifest = manifest;
        this.clients = clients;
        this.checkPoint = checkPoint;
    }

    static Session session() {
        return Session.writer("fermata-restore").withIdleInTransactionTimeout(Duration.ZERO);
    }

    /**
     * Restores everything: schema, rows, indexes and constraints, positions of sequences.
     *
     * @return what was left out, as the role may not make it; what pg_restore leaves out nobody knows
     */
    List<Dispensable> into(TargetDatabase database) throws SQLException, IOException, InterruptedException {
        if (manifest.dump() != null) {
            clients.restore(database, manifest.serverMajor(), store, folder, manifest.dump());
            return List.of();
        }
        SchemaScript script = schema().script();
        Session ours = session().withLockTimeout(Duration.ZERO); // an autovacuum gives way only after a second
        try (Connection connection = database.open(ours)) {
            SchemaCopy copy = script.into(connection, () -> database.open(ours));
            copy.beforeData();
            for (BackupManifest.Table table : manifest.tables()) {
                checkPoint.run();
                copyIn(connection, table, table.qualifiedName());
            }
            checkPoint.run();
            copy.afterData();
            copy.sequencePositions();
            return copy.missing();
        }
    }

    BackupSchema schema() throws IOException {
        byte[] json;
        String name = folder + "/" + manifest.schema().name();
        try (Sums.In in = new Sums.In(store.read(name))) {
            json = in.readAllBytes();
            in.requireSame(manifest.schema(), store.location(name));
        }
        return Json.mapper().readValue(json, BackupSchema.class);
    }

    /** Reads a table's file into a table that has its columns. A file that was changed is found, and is an exception. */
    void copyIn(Connection connection, BackupManifest.Table table, QualifiedName into)
            throws SQLException, IOException {
        StoredFile file = table.file();
        if (file == null) {
            throw new IOException(
                    "the rows of " + table.qualifiedName() + " are in the dump, not in a file of their own");
        }
        try (Statement statement = connection.createStatement()) {
            // What the copy was printed with is what it must be read with.
            statement.execute("SET IntervalStyle = 'postgres'; SET DateStyle = 'ISO, YMD'");
        }
        String name = folder + "/" + file.name();
        try (Sums.In in = new Sums.In(store.read(name));
                InputStream rows = new BufferedInputStream(new ZstdInputStream(in), 1 << 16)) {
            try {
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(new SourceTables.Source(into, 0, table.columns()).copy() + " FROM STDIN", rows);
            } catch (SQLException | ZstdIOException e) {
                in.requireSame(file, store.location(name)); // a damaged file is why, and says which
                throw e;
            }
            in.requireSame(file, store.location(name));
        }
    }

    /** What is not as it was kept: rows, then sequences. */
    List<String> differences(Connection connection) throws SQLException, IOException {
        List<String> differences = new ArrayList<>();
        for (BackupManifest.Table table : manifest.tables()) {
            checkPoint.run();
            ContentChecksum restored = ContentChecksum.of(connection, table.qualifiedName());
            if (restored.rows() != table.rows() || !restored.sum().equals(table.contentChecksum())) {
                differences.add("table " + table.qualifiedName() + ": " + restored.rows()
                        + " rows of other content (expected: " + table.rows() + " rows)");
            }
        }
        List<String> positions = SchemaScript.read(connection).sequencePositions();
        schema().sequencePositions().stream()
                .filter(position -> !positions.contains(position))
                .forEach(position -> differences.add("a sequence is elsewhere (expected: " + position + ")"));
        return differences;
    }

    /** The kept tables, with all that hangs on them. */
    static CatalogSnapshot kept(CatalogSnapshot all, BackupManifest manifest) {
        return all.restrictedTo(manifest.tables().stream()
                        .map(BackupManifest.Table::qualifiedName)
                        .collect(Collectors.toCollection(TreeSet::new)))
                .withoutOwnership();
    }
}
