package dev.fermata.testsupport;

import dev.fermata.embedded.PostgresAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A streaming standby, from a copy of the files of a server that runs. Done by hand (PostgreSQL documentation, 25.3.3), as
 * the embedded programs are without pg_basebackup.
 */
final class Standby {
    private static final Set<String> NOT_COPIED = Set.of("postmaster.pid", "postmaster.opts");

    /** Whose files the standby makes or fetches itself. */
    private static final Set<String> EMPTY =
            Set.of("pg_wal", "pg_replslot", "pg_stat_tmp", "pg_dynshmem", "pg_subtrans");

    private Standby() {}

    static PostgresServer of(PostgresServer.Embedded primary, String slot) {
        Path folder = ServerFolder.createInMemory("standby");
        PostgresAddress address = primary.address();
        try (Connection connection = DriverManager.getConnection(
                        address.jdbcUrl("postgres"), address.superuser(), address.password());
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_create_physical_replication_slot('" + slot + "', true)");
            statement.execute("SELECT pg_backup_start('standby', true)");
            copy(primary.folder().resolve("data"), folder.resolve("data"));
            Files.copy(primary.folder().resolve("password"), folder.resolve("password"));
            try (ResultSet row = statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
                row.next();
                Files.writeString(folder.resolve("data/backup_label"), row.getString(1));
            }
            Files.createFile(folder.resolve("data/standby.signal"));
        } catch (SQLException e) {
            throw new IllegalStateException("a copy of " + address + " for a standby", e);
        } catch (IOException e) {
            throw new UncheckedIOException("a copy of " + address + " for a standby", e);
        }
        Map<String, String> settings = new HashMap<>(primary.settings());
        settings.put("primary_slot_name", slot);
        settings.put(
                "primary_conninfo",
                "host=" + address.host() + " port=" + address.port() + " user=" + address.superuser() + " password="
                        + address.password());
        return PostgresServer.Embedded.start(folder, settings);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Files.copy(folder, to.resolve(from.relativize(folder)), StandardCopyOption.COPY_ATTRIBUTES);
                return EMPTY.contains(from.relativize(folder).toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!NOT_COPIED.contains(file.getFileName().toString())) {
                    try {
                        Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
                    } catch (NoSuchFileException removedMeanwhile) {
                        return FileVisitResult.CONTINUE;
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException removedMeanwhile) {
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
