package dev.fermata.execution.backup;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.execution.backup.SourceTables.Source;
import dev.fermata.execution.rehearsal.Clone;
import dev.fermata.execution.rehearsal.DatabaseOptions;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.Dispensable;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.SchemaScript;
import dev.fermata.postgres.catalog.Undisturbed;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps tables, all at one moment, restores the files into a scratch database and compares. What is reported was
 * restored and found equal; anything else is an exception.
 *
 * <pre>
 * wo_01J.../shop/3f2a9c1b0d4e/manifest.json                  what it is; written last: without it there is no backup
 *                             schema.json, schema.sql        how the database was defined
 *                             0001-public.orders.copy.zst    rows in COPY text format
 *                             database.dump                  instead of those, where pg_dump kept everything
 * </pre>
 */
public final class Backup {
    private static final Logger LOGGER = LoggerFactory.getLogger(Backup.class);
    private static final int DIGEST_DIGITS = 12;
    private static final long ROOM_FOR_THE_REST = 16 << 20;
    private static final int MOST_DIFFERENCES = 10;

    private final TargetDatabase target;
    private final RunId run;
    private final String planDigest;
    private final BackupConfig config;
    private final Clock clock;
    private final Runnable checkPoint;
    private final PgClients clients;
    private final String folder;

    /** @param checkPoint throws when the work should not go on; called from several threads */
    public Backup(
            TargetDatabase target,
            RunId run,
            String planDigest,
            BackupConfig config,
            Clock clock,
            Runnable checkPoint) {
        this(target, run, planDigest, config, clock, checkPoint, new PgClients(config.clients()));
    }

    Backup(
            TargetDatabase target,
            RunId run,
            String planDigest,
            BackupConfig config,
            Clock clock,
            Runnable checkPoint,
            PgClients clients) {
        this.target = target;
        this.run = run;
        this.planDigest = planDigest;
        this.config = config;
        this.clock = clock;
        this.checkPoint = checkPoint;
        this.clients = clients;
        this.folder = folder(run, planDigest);
    }

    /** Each plan of a run has its own: a second revision does not overwrite what the first may still need. */
    static String folder(RunId run, String planDigest) {
        String digits = planDigest.replaceFirst("^sha256:", "").replaceAll("[^0-9a-z]", "");
        return run.order().value() + "/" + run.target() + "/"
                + digits.substring(0, Math.min(DIGEST_DIGITS, digits.length()));
    }

    /**
     * The one that an earlier attempt took, if it is whole and young enough.
     *
     * @param age at most, since it was verified
     */
    public Optional<BackupReport> taken(WorkOrder.BackupMode mode, Duration age) throws IOException {
        try (BackupStore store = BackupStore.open(config)) {
            BackupManifest manifest = BackupManifest.read(store, folder);
            Instant verified = manifest.takenAt().plus(manifest.elapsed());
            return manifest.mode().equals(mode.wire())
                            && manifest.planDigest().equals(planDigest)
                            && !verified.plus(age).isBefore(clock.instant())
                    ? Optional.of(manifest.report(store.location(folder)))
                    : Optional.empty();
        } catch (NoSuchFileException | UnreadableManifestException e) {
            return Optional.empty(); // there is none that would help anybody
        }
    }

    /** Takes and verifies the backup. */
    public BackupReport take(WorkOrder.BackupMode mode, Set<QualifiedName> tables)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        try (BackupStore store = BackupStore.open(config)) {
            return take(store, mode, tables, begin);
        } catch (SQLException e) {
            throw TargetException.of("backing up target '" + target.address().name() + "'", e);
        }
    }

    BackupReport take(BackupStore store, WorkOrder.BackupMode mode, Set<QualifiedName> wanted, long begin)
            throws SQLException, IOException, InterruptedException {
        checkPoint.run(); // whoever is no longer wanted must not clear what the one after it has written
        forgetEarlierAttempt(store);
        boolean done = false;
        try {
            BackupReport report = takeAnew(store, mode, wanted, begin);
            done = true;
            return report;
        } finally {
            if (!done) {
                discard(store);
            }
        }
    }

    /** Without a manifest nobody would find it, and it may be what has filled the disk. */
    private void discard(BackupStore store) {
        try {
            checkPoint.run(); // it may be another's by now
            store.clear(folder);
        } catch (IOException | RuntimeException e) {
            LOGGER.atWarn()
                    .addKeyValue("runId", run)
                    .addKeyValue("folder", store.location(folder))
                    .addKeyValue("error", e.getMessage())
                    .log("what a backup that failed has written is not removed; the next attempt does it");
        }
    }

    private BackupReport takeAnew(BackupStore store, WorkOrder.BackupMode mode, Set<QualifiedName> wanted, long begin)
            throws SQLException, IOException, InterruptedException {
        Taken taken = copy(store, mode, wanted);
        BackupManifest manifest = taken.manifest();
        Verified restored = manifest.tables().isEmpty() ? new Verified("", List.of()) : verify(store, taken);
        checkPoint.run();
        BackupManifest verified = verified(manifest, restored, Duration.ofNanos(System.nanoTime() - begin));
        write(store, BackupManifest.NAME, json(verified));
        return verified.report(store.location(folder));
    }

    /** @param catalog of the kept tables, as it was when they were copied */
    private record Taken(BackupManifest manifest, CatalogSnapshot catalog, BackupSchema schema) {}

    /** @param missing what could not be restored, as the role may not make it */
    private record Verified(String fingerprint, List<Dispensable> missing) {}

    /** The snapshot is let go before the copy is restored: it keeps VACUUM from cleaning up. */
    private Taken copy(BackupStore store, WorkOrder.BackupMode mode, Set<QualifiedName> wanted)
            throws SQLException, IOException, InterruptedException {
        try (Moment moment = Undisturbed.read(() -> look(mode, wanted))) {
            Connection source = moment.snapshot().connection();
            BackupSchema schema = moment.schema();
            store.requireRoom(folder, room(moment.tables()));
            Kept kept = keep(store, moment.snapshot(), mode, moment.tables());
            BackupManifest manifest = new BackupManifest(
                    BackupManifest.FORMAT,
                    run,
                    planDigest,
                    mode.wire(),
                    kept.dump() == null ? BackupManifest.Method.COPY : BackupManifest.Method.PG_DUMP,
                    moment.at(),
                    source.getMetaData().getDatabaseProductVersion(),
                    source.getMetaData().getDatabaseMajorVersion(),
                    DatabaseOptions.of(source),
                    write(store, "schema.json", Json.mapper().writeValueAsString(schema)),
                    write(store, "schema.sql", schema.text()),
                    kept.dump(),
                    kept.tables(),
                    "",
                    notes(kept, moment.script(), schema),
                    Duration.ZERO);
            return new Taken(manifest, Restoration.kept(moment.catalog(), manifest), schema);
        }
    }

    /** What the target is like at the moment that is kept, before any row is read. */
    private record Moment(
            ExportedSnapshot snapshot,
            Instant at,
            List<Source> tables,
            SchemaScript script,
            BackupSchema schema,
            CatalogSnapshot catalog)
            implements AutoCloseable {
        @Override
        public void close() throws SQLException {
            snapshot.close();
        }
    }

    private Moment look(WorkOrder.BackupMode mode, Set<QualifiedName> wanted) throws SQLException {
        ExportedSnapshot snapshot = ExportedSnapshot.take(target, session());
        boolean done = false;
        try {
            Connection source = snapshot.connection();
            Instant now = clock.instant();
            SourceTables tables =
                    mode == WorkOrder.BackupMode.FULL ? SourceTables.all(source) : new SourceTables(source, wanted);
            SchemaScript script = SchemaScript.read(source);
            Moment moment = new Moment(
                    snapshot,
                    now,
                    tables.withRows(),
                    script,
                    BackupSchema.of(script, tables),
                    CatalogSnapshot.read(source));
            done = true;
            return moment;
        } finally {
            if (!done) {
                snapshot.close();
            }
        }
    }

    /** Begins as all sessions of the order do, so that who takes over ends those of a worker that stands still. */
    private String session() {
        return "fermata/" + run.order().value() + "/backup";
    }

    /** What an attempt left that was cut off. Its manifest goes first, so that no half of it is taken for a whole. */
    private void forgetEarlierAttempt(BackupStore store) throws IOException {
        store.delete(List.of(folder + "/" + BackupManifest.NAME));
        store.clear(folder);
    }

    /** How well it compresses shows only afterwards, so it is taken not to. */
    private static long room(List<Source> tables) {
        long bytes = tables.stream().mapToLong(Source::bytes).sum();
        return bytes + bytes / 10 + ROOM_FOR_THE_REST;
    }

    private record Kept(
            List<BackupManifest.Table> tables, @Nullable StoredFile dump, List<String> notes) {}

    private Kept keep(BackupStore store, ExportedSnapshot snapshot, WorkOrder.BackupMode mode, List<Source> tables)
            throws SQLException, IOException, InterruptedException {
        TableCopies copies = new TableCopies(snapshot, store, folder, checkPoint);
        if (mode != WorkOrder.BackupMode.FULL) {
            return new Kept(copies.write(tables, config.parallel()), null, List.of());
        }
        int server = snapshot.connection().getMetaData().getDatabaseMajorVersion();
        Optional<PgClients.Client> client = clients.fitting(server);
        if (client.isEmpty()) {
            return new Kept(
                    copies.write(tables, config.parallel()),
                    null,
                    List.of("all tables were copied one by one: " + clients.whyNone(server)));
        }
        StoredFile dump = clients.dump(
                client.get(), target, session(), snapshot.id(), store, folder + "/database.dump", checkPoint);
        return new Kept(
                copies.sum(tables, config.parallel()),
                dump.named("database.dump"),
                List.of("dumped by " + client.get()));
    }

    private static List<String> notes(Kept kept, SchemaScript script, BackupSchema schema) {
        List<String> notes = new ArrayList<>(kept.notes());
        if (kept.dump() != null) {
            script.unfinishedIndexes()
                    .forEach(index -> notes.add("not kept by pg_dump: index " + index.name() + ", which is not valid"));
        } else {
            script.leftOut().forEach(thing -> notes.add("not kept: " + thing));
            schema.leftOutKeys().forEach(key -> notes.add("not restored, as its other table is not kept: " + key));
            schema.uncheckedKeys()
                    .forEach(key -> notes.add("restored NOT VALID, as its other table is not kept: " + key));
        }
        return notes;
    }

    private Verified verify(BackupStore store, Taken taken) throws SQLException, IOException, InterruptedException {
        BackupManifest manifest = taken.manifest();
        Restoration restoration = new Restoration(store, folder, manifest, clients, checkPoint);
        try (Clone scratch = Clone.scratch(target, run, run + " backup", manifest.databaseOptions())) {
            List<Dispensable> missing = restoration.into(scratch.database());
            try (Connection restored = scratch.database().open(reading())) {
                CatalogSnapshot catalog = Restoration.kept(CatalogSnapshot.read(restored), manifest);
                List<String> differences = new ArrayList<>(restoration.differences(restored));
                Set<String> gone = new HashSet<>(Dispensable.identities(missing));
                if (manifest.dump() != null) {
                    taken.schema().unfinishedIndexes().forEach(index -> gone.add("index " + index.name()));
                }
                differences.addAll(differences(taken.catalog().without(gone), catalog.without(gone), taken.schema()));
                if (!differences.isEmpty()) {
                    throw new IOException("the backup in " + store.location(folder)
                            + " does not restore to what it was taken of: "
                            + String.join(
                                    "; ", differences.subList(0, Math.min(MOST_DIFFERENCES, differences.size()))));
                }
                return new Verified(catalog.fingerprint(), missing);
            }
        }
    }

    static Session reading() {
        return Session.reader("fermata-restore").withStatementTimeout(Duration.ZERO);
    }

    /** A foreign key that cannot be checked without its other table is not valid in the copy, or not there, and that is all. */
    private static List<String> differences(CatalogSnapshot expected, CatalogSnapshot is, BackupSchema schema) {
        CatalogDiff diff = CatalogDiff.between(expected, is);
        SortedMap<String, String> removed = new TreeMap<>(diff.removed());
        SortedMap<String, CatalogDiff.Change> changed = new TreeMap<>(diff.changed());
        if (!schema.uncheckedKeys().isEmpty()) {
            changed.values()
                    .removeIf(change -> change.before().startsWith("FOREIGN KEY")
                            && change.after().equals(change.before() + " NOT VALID"));
        }
        removed.values()
                .removeIf(definition -> definition.startsWith("FOREIGN KEY")
                        && schema.leftOutKeys().stream().anyMatch(key -> key.endsWith(definition)));
        return new CatalogDiff(diff.added(), removed, changed).describe();
    }

    private static BackupManifest verified(BackupManifest manifest, Verified restored, Duration elapsed) {
        List<String> notes = new ArrayList<>(manifest.notes());
        restored.missing()
                .forEach(thing -> notes.add(
                        "kept, but not restored to be compared, as the role may not make it: " + thing.name()));
        return new BackupManifest(
                manifest.format(),
                manifest.run(),
                manifest.planDigest(),
                manifest.mode(),
                manifest.method(),
                manifest.takenAt(),
                manifest.server(),
                manifest.serverMajor(),
                manifest.databaseOptions(),
                manifest.schema(),
                manifest.script(),
                manifest.dump(),
                manifest.tables(),
                restored.fingerprint(),
                notes,
                elapsed);
    }

    private StoredFile write(BackupStore store, String name, String text) throws IOException {
        return store.write(folder + "/" + name, out -> out.write(text.getBytes(StandardCharsets.UTF_8)))
                .named(name);
    }

    private static String json(BackupManifest manifest) {
        try {
            return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(manifest);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a manifest is always JSON", e);
        }
    }
}
