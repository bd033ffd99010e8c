package dev.fermata.execution.backup;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.postgres.catalog.QualifiedName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a backup is: written last, once everything else was restored and compared. A folder without it is none.
 *
 * @param format version of this file and of what lies beside it
 * @param takenAt the moment that all of it shows
 * @param server for people: the version of the server that it comes from
 * @param serverMajor 18
 * @param databaseOptions how to make a database of the same encoding and locale, as the end of CREATE DATABASE
 * @param schema the statements that make the schema, for this program; see {@link BackupSchema}
 * @param script the same for people
 * @param dump what pg_dump wrote, null where the tables have files of their own
 * @param catalogFingerprint of the kept tables as they were restored
 * @param notes what somebody who restores it should know
 * @param elapsed of everything, the restored copy included
 */
public record BackupManifest(
        int format,
        RunId run,
        String planDigest,
        String mode,
        Method method,
        Instant takenAt,
        String server,
        int serverMajor,
        String databaseOptions,
        StoredFile schema,
        StoredFile script,
        @Nullable StoredFile dump,
        List<Table> tables,
        String catalogFingerprint,
        List<String> notes,
        Duration elapsed) {
    static final int FORMAT = 1;
    static final String NAME = "manifest.json";

    /** How the rows were kept. */
    public enum Method {
        /** A file for each table, in COPY's text format. */
        COPY,
        /** One file in pg_dump's custom format. */
        PG_DUMP
    }

    /**
     * A table.
     *
     * @param file null where the rows are in the dump
     */
    public record Table(
            String schema,
            String name,
            List<Column> columns,
            long rows,
            String contentChecksum,
            @Nullable StoredFile file) {
        public Table {
            columns = List.copyOf(columns);
        }

        @JsonIgnore
        public QualifiedName qualifiedName() {
            return new QualifiedName(schema, name);
        }
    }

    /**
     * A column.
     *
     * @param type as the server prints it
     * @param generated whether the server computes it, so that it is in no file
     */
    public record Column(String name, String type, boolean generated) {}

    public BackupManifest {
        Fields.required(run, "manifest.run");
        Fields.required(method, "manifest.method");
        Fields.required(takenAt, "manifest.takenAt");
        Fields.required(schema, "manifest.schema");
        Fields.required(script, "manifest.script");
        Fields.required(elapsed, "manifest.elapsed");
        tables = List.copyOf(tables);
        notes = List.copyOf(notes);
    }

    /**
     * The manifest of a backup.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    static BackupManifest read(BackupStore store, String folder) throws IOException {
        String name = folder + "/" + NAME;
        BackupManifest manifest;
        try (InputStream in = store.read(name)) {
            manifest = Json.mapper().readValue(in, BackupManifest.class);
        } catch (JsonProcessingException e) {
            throw new UnreadableManifestException(
                    store.location(name) + " is not a manifest: " + e.getOriginalMessage(), e);
        } catch (AccessDeniedException e) {
            throw new UnreadableManifestException(store.location(name) + " may not be read by this user", e);
        }
        if (manifest.format() != FORMAT) {
            throw new UnreadableManifestException(
                    store.location(name) + " has format " + manifest.format() + " (expected: " + FORMAT
                            + "); take a newer fermata",
                    null);
        }
        return manifest;
    }

    /** Everything that lies beside the manifest. */
    public List<StoredFile> files() {
        List<StoredFile> files = new ArrayList<>(List.of(schema, script));
        if (dump != null) {
            files.add(dump);
        }
        for (Table table : tables) {
            if (table.file() != null) {
                files.add(table.file());
            }
        }
        return List.copyOf(files);
    }

    /** As the supervisor is told. */
    BackupReport report(String location) {
        List<BackupReport.Table> told = tables.stream()
                .map(table -> {
                    StoredFile file = table.file();
                    return new BackupReport.Table(
                            table.qualifiedName().toString(),
                            table.rows(),
                            file == null ? 0 : file.bytes(),
                            file == null ? "" : file.sha256(),
                            table.contentChecksum());
                })
                .toList();
        return new BackupReport(location, takenAt, told, elapsed, method == Method.COPY ? "copy" : "pg_dump", notes);
    }
}
