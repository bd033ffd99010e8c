package dev.fermata.execution.backup;

import com.fasterxml.jackson.databind.ObjectWriter;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.execution.rehearsal.Clone;
import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.SchemaScript;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.postgresql.PGConnection;

/**
 * Copies the affected tables into a folder, all in one snapshot, restores the files into a scratch database and compares
 * content checksums. What is reported was restored and found equal; anything else is an exception.
 *
 * <pre>
 * backups/wo_01J.../shop/manifest.json           tables, rows, sums, the order and the plan
 *                        schema.sql              how the tables were defined
 *                        public.orders.copy.gz   rows in COPY text format
 * </pre>
 */
public final class Backup {
    private final TargetDatabase target;
    private final RunId run;
    private final String planDigest;
    private final Path folder;
    private final Clock clock;
    private final Runnable checkPoint;

    /**
     * @param root folder of all backups
     * @param checkPoint throws when the work should not go on
     */
    public Backup(TargetDatabase target, RunId run, String planDigest, Path root, Clock clock, Runnable checkPoint) {
        this.target = target;
        this.run = run;
        this.planDigest = planDigest;
        this.folder = root.resolve(run.order().value()).resolve(run.target());
        this.clock = clock;
        this.checkPoint = checkPoint;
    }

    /** What was written and what it was, before it was restored. */
    private record Written(QualifiedName name, Path file, String sha256, ContentChecksum content, String columns) {}

    /** Takes and verifies the backup. */
    public BackupReport take(Set<QualifiedName> tables) throws IOException {
        long begin = System.nanoTime();
        Instant takenAt = clock.instant();
        prepareFolder();
        Session reading = Session.reader("fermata-backup/" + run.order()).withStatementTimeout(Duration.ZERO);
        try (Connection source = target.open(reading)) {
            source.setAutoCommit(false);
            source.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            SchemaScript script = SchemaScript.read(source);
            Files.writeString(folder.resolve("schema.sql"), String.join(";\n", script.beforeData()) + ";\n");
            List<Written> written = new ArrayList<>();
            for (QualifiedName table : withPartitions(source, tables)) {
                checkPoint.run();
                written.add(write(source, table));
            }
            source.rollback();
            List<BackupReport.Table> verified = written.isEmpty() ? List.of() : restoreAndCompare(script, written);
            BackupReport report =
                    new BackupReport(folder.toString(), takenAt, verified, Duration.ofNanos(System.nanoTime() - begin));
            writeManifest(report);
            return report;
        } catch (SQLException e) {
            throw TargetException.of("backing up target '" + target.address().name() + "'", e);
        }
    }

    private void prepareFolder() throws IOException {
        Files.createDirectories(folder);
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    /** Rows live in the leaves of a partitioned table. */
    private static Set<QualifiedName> withPartitions(Connection source, Set<QualifiedName> tables) throws SQLException {
        String sql = """
            SELECT n.nspname, c.relname FROM pg_partition_tree(to_regclass(?)) AS p
            JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.isleaf
            """;
        Set<QualifiedName> leaves = new TreeSet<>();
        for (QualifiedName table : tables) {
            try (PreparedStatement select = source.prepareStatement(sql)) {
                select.setString(1, table.sql());
                try (ResultSet rows = select.executeQuery()) {
                    boolean any = false;
                    while (rows.next()) {
                        any = true;
                        leaves.add(new QualifiedName(rows.getString(1), rows.getString(2)));
                    }
                    if (!any) {
                        leaves.add(table);
                    }
                }
            }
        }
        return leaves;
    }

    private Written write(Connection source, QualifiedName table) throws SQLException, IOException {
        String columns = columns(source, table);
        ContentChecksum content = ContentChecksum.of(source, table);
        Path file = folder.resolve(table.schema() + "." + table.name().replace('/', '_') + ".copy.gz");
        MessageDigest digest = sha256();
        try (OutputStream out =
                new GZIPOutputStream(new DigestOutputStream(Files.newOutputStream(file), digest), 1 << 16)) {
            source.unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("COPY " + table.sql() + " (" + columns + ") TO STDOUT", out);
        }
        return new Written(table, file, HexFormat.of().formatHex(digest.digest()), content, columns);
    }

    private static String columns(Connection source, QualifiedName table) throws SQLException {
        String sql = """
            SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            """;
        try (PreparedStatement select = source.prepareStatement(sql)) {
            select.setString(1, table.sql());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private List<BackupReport.Table> restoreAndCompare(SchemaScript script, List<Written> written)
            throws SQLException, IOException {
        List<BackupReport.Table> verified = new ArrayList<>();
        try (Clone scratch = Clone.scratch(target, run);
                Connection connection = scratch.database().open(Session.writer("fermata-restore/" + run.order()))) {
            script.applyBeforeData(connection);
            for (Written table : written) {
                checkPoint.run();
                restore(connection, table);
                ContentChecksum restored = ContentChecksum.of(connection, table.name());
                if (!restored.equals(table.content())) {
                    throw new IOException("the backup of " + table.name() + " restores to " + restored.rows()
                            + " rows of other content (expected: "
                            + table.content().rows() + " rows)");
                }
                verified.add(new BackupReport.Table(
                        table.name().toString(),
                        restored.rows(),
                        Files.size(table.file()),
                        table.sha256(),
                        restored.sum()));
            }
        }
        return verified;
    }

    private static void restore(Connection connection, Written table) throws SQLException, IOException {
        MessageDigest digest = sha256();
        try (InputStream file = new DigestInputStream(Files.newInputStream(table.file()), digest);
                InputStream rows = new GZIPInputStream(file, 1 << 16)) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY " + table.name().sql() + " (" + table.columns() + ") FROM STDIN", rows);
            file.transferTo(OutputStream.nullOutputStream());
        }
        if (!HexFormat.of().formatHex(digest.digest()).equals(table.sha256())) {
            throw new IOException("the file " + table.file() + " is not what was written");
        }
    }

    private void writeManifest(BackupReport report) throws IOException {
        ObjectWriter pretty = Json.mapper().writerWithDefaultPrettyPrinter();
        Path draft = folder.resolve("manifest.json.tmp");
        pretty.writeValue(draft.toFile(), Map.of("runId", run.toString(), "planDigest", planDigest, "backup", report));
        Files.move(
                draft,
                folder.resolve("manifest.json"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
