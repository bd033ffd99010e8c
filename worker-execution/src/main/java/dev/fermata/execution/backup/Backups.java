package dev.fermata.execution.backup;

import dev.fermata.execution.rehearsal.Clone;
import dev.fermata.execution.rehearsal.DatabaseClones;
import dev.fermata.execution.rehearsal.DatabaseOptions;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The backups of a store: what there is, whether it is whole, and how it comes back. */
public final class Backups implements AutoCloseable {
    private final BackupStore store;
    private final PgClients clients;

    private Backups(BackupStore store, PgClients clients) {
        this.store = store;
        this.clients = clients;
    }

    public static Backups open(BackupConfig config) {
        return of(BackupStore.open(config), new PgClients(config.clients()));
    }

    static Backups of(BackupStore store, PgClients clients) {
        return new Backups(store, clients);
    }

    /**
     * A backup: restored and compared when it was taken.
     *
     * @param folder its name in the store: order, target, and the first digits of the plan's digest
     */
    public record Kept(String folder, BackupManifest manifest) {
        /** Of all files, as stored. */
        public long bytes() {
            return manifest.files().stream().mapToLong(StoredFile::bytes).sum();
        }

        public long rows() {
            return manifest.tables().stream()
                    .mapToLong(BackupManifest.Table::rows)
                    .sum();
        }
    }

    /** Where the store is, for people. */
    public String location(String folder) {
        return store.location(folder);
    }

    /**
     * What a store holds.
     *
     * @param backups newest first
     * @param unreadable those whose manifest is none
     */
    public record Listing(List<Kept> backups, List<Unreadable> unreadable) {
        public Listing {
            backups = List.copyOf(backups);
            unreadable = List.copyOf(unreadable);
        }
    }

    /** A folder whose manifest is damaged, may not be read, or is of another version of this program. */
    public record Unreadable(String folder, String why) {}

    /** Every backup. A folder without a manifest is none. */
    public Listing list() throws IOException {
        return list(folder -> true);
    }

    private Listing list(Predicate<String> wanted) throws IOException {
        List<Kept> backups = new ArrayList<>();
        List<Unreadable> unreadable = new ArrayList<>();
        for (String name : store.names("")) {
            String folder = name.substring(0, Math.max(0, name.lastIndexOf('/')));
            if (name.endsWith("/" + BackupManifest.NAME) && wanted.test(folder)) {
                try {
                    backups.add(new Kept(folder, BackupManifest.read(store, folder)));
                } catch (UnreadableManifestException e) {
                    unreadable.add(new Unreadable(folder, String.valueOf(e.getMessage())));
                }
            }
        }
        backups.sort(Comparator.comparing((Kept kept) -> kept.manifest().takenAt())
                .reversed()
                .thenComparing(Kept::folder));
        return new Listing(backups, unreadable);
    }

    /** The backups of an order, of a run ({@code order/target}), or of one plan of it. */
    public Listing find(String reference) throws IOException {
        return list(folder -> folder.equals(reference) || folder.startsWith(reference + "/"));
    }

    /** Reads every file; what is missing or not as it was written comes back, a line each. */
    public List<String> damages(Kept backup) throws IOException {
        List<String> damages = new ArrayList<>();
        for (StoredFile file : backup.manifest().files()) {
            String name = backup.folder() + "/" + file.name();
            try (Sums.In in = new Sums.In(store.read(name))) {
                in.transferTo(OutputStream.nullOutputStream());
                in.requireSame(file, store.location(name));
            } catch (NoSuchFileException e) {
                damages.add(store.location(name) + " is not there");
            } catch (DamagedFileException e) {
                damages.add(String.valueOf(e.getMessage()));
            }
        }
        return damages;
    }

    /** Restores into a scratch database of this server and compares; the differences come back, a line each. */
    public List<String> differences(Kept backup, TargetDatabase server) throws IOException, InterruptedException {
        BackupManifest manifest = backup.manifest();
        Restoration restoration = restoration(backup);
        String purpose = backup.folder() + " " + UUID.randomUUID(); // others may verify it, too
        try (Clone scratch = Clone.scratch(server, manifest.run(), purpose, manifest.databaseOptions())) {
            restoration.into(scratch.database());
            try (Connection restored = scratch.database().open(Backup.reading())) {
                List<String> differences = new ArrayList<>(restoration.differences(restored));
                if (!Restoration.kept(CatalogSnapshot.read(restored), manifest)
                        .fingerprint()
                        .equals(manifest.catalogFingerprint())) {
                    differences.add("the tables are not defined as they were (a server of another version than "
                            + manifest.server() + " may say the same in other words)");
                }
                return differences;
            }
        } catch (SQLException e) {
            throw TargetException.of("restoring " + store.location(backup.folder()), e);
        }
    }

    private Restoration restoration(Kept backup) {
        return new Restoration(store, backup.folder(), backup.manifest(), clients, () -> {});
    }

    /**
     * Restores everything into a database that is not there yet. When that fails the database is removed again.
     *
     * @return what could not be given back, of owners and grants and of what a superuser had made, a line each
     * @throws AlreadyThereException if there is one of that name
     */
    public List<String> restore(Kept backup, TargetDatabase server, String name, Ownership ownership)
            throws IOException, InterruptedException {
        BackupManifest manifest = backup.manifest();
        TargetDatabase database = beside(server, name);
        try (Connection admin = server.open(Session.keeper("fermata-restore"));
                Statement statement = admin.createStatement()) {
            if (exists(admin, "SELECT FROM pg_database WHERE datname = ?", name)) {
                throw new AlreadyThereException("database '" + name + "'");
            }
            statement.execute("CREATE DATABASE " + QualifiedName.quote(name) + " TEMPLATE template0 "
                    + manifest.databaseOptions()
                    + DatabaseOptions.owner(server.address().role()));
            try {
                Restoration restoration = restoration(backup);
                List<String> refused = new ArrayList<>();
                restoration
                        .into(database)
                        .forEach(thing -> refused.add(thing.name() + " (the role that restores may not make it)"));
                if (ownership == Ownership.AS_IT_WAS) {
                    refused.addAll(own(restoration, database));
                }
                return refused;
            } catch (SQLException | IOException | RuntimeException | InterruptedException e) {
                removeHalfRestored(admin, name, e);
                throw e;
            }
        } catch (SQLException e) {
            throw TargetException.of("restoring into database '" + name + "'", e);
        }
    }

    private static void removeHalfRestored(Connection admin, String name, Exception why) throws IOException {
        try {
            DatabaseClones.remove(admin, name);
        } catch (SQLException left) {
            why.addSuppressed(left);
            String failure = why instanceof SQLException e
                    ? TargetException.of("", e).safeMessage().text()
                    : String.valueOf(why.getMessage());
            throw new IOException(
                    "restoring into database '" + name + "': " + failure
                            + "; half of it is there and could not be removed ("
                            + TargetException.of("", left).safeMessage().text() + "): DROP DATABASE "
                            + QualifiedName.quote(name) + " WITH (FORCE)",
                    why);
        }
    }

    /** Another database of the same server and role. */
    static TargetDatabase beside(TargetDatabase origin, String name) {
        return new TargetDatabase(origin.address().in(name));
    }

    /** Who has what after a restore. */
    public enum Ownership {
        OF_THE_RESTORING_ROLE,
        AS_IT_WAS
    }

    /** As the user, who may give things to all roles that it is a member of. */
    private static List<String> own(Restoration restoration, TargetDatabase database) throws SQLException, IOException {
        List<String> refused = new ArrayList<>();
        try (Connection connection = database.open(Session.keeper("fermata-restore"));
                Statement statement = connection.createStatement()) {
            for (String sql : restoration.schema().ownership()) {
                try {
                    statement.execute(sql);
                } catch (SQLException e) {
                    refused.add(
                            sql + " (" + TargetException.of("", e).safeMessage().text() + ")");
                }
            }
        }
        return refused;
    }

    /**
     * Restores the rows of the tables, and no more than that, into a schema of a database that is in use: plain tables to
     * look at and to copy from, in one transaction. Of tables with the same name each has its schema in front: {@code
     * "sales.orders"}.
     *
     * @throws AlreadyThereException if one of the tables is in the schema
     */
    public void restoreRows(Kept backup, TargetDatabase database, String schema) throws IOException {
        Session session = Restoration.session();
        try (Connection connection = database.open(session)) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                if (!exists(connection, "SELECT FROM pg_namespace WHERE nspname = ?", schema)) {
                    statement.execute("CREATE SCHEMA " + QualifiedName.quote(schema));
                }
                Set<String> clashing = clashing(backup.manifest().tables());
                for (BackupManifest.Table table : backup.manifest().tables()) {
                    String name = clashing.contains(table.name()) ? table.schema() + "." + table.name() : table.name();
                    QualifiedName into = new QualifiedName(schema, name);
                    if (exists(connection, "SELECT FROM pg_class WHERE oid = to_regclass(?)", into.sql())) {
                        throw new AlreadyThereException("table " + into);
                    }
                    statement.execute("CREATE TABLE " + into.sql() + " (" + columns(table) + ")");
                    restoration(backup).copyIn(connection, table, into);
                }
            }
            connection.commit();
        } catch (SQLException e) {
            throw TargetException.of("restoring rows into schema '" + schema + "'", e);
        }
    }

    private static Set<String> clashing(List<BackupManifest.Table> tables) {
        Set<String> seen = new HashSet<>();
        return tables.stream()
                .map(BackupManifest.Table::name)
                .filter(name -> !seen.add(name))
                .collect(Collectors.toSet());
    }

    /** What the server computed is in no file. */
    private static String columns(BackupManifest.Table table) {
        return table.columns().stream()
                .filter(column -> !column.generated())
                .map(column -> QualifiedName.quote(column.name()) + " " + column.type())
                .collect(Collectors.joining(", "));
    }

    private static boolean exists(Connection connection, String query, String name) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(query)) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    /** Removes a backup: its manifest first, so that no half of it is taken for a whole. */
    public void delete(Kept backup) throws IOException {
        store.delete(List.of(backup.folder() + "/" + BackupManifest.NAME));
        store.clear(backup.folder());
    }

    @Override
    public void close() {
        store.close();
    }
}
