package dev.fermata.contracts.plan;

import dev.fermata.contracts.Fields;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What was kept before production was touched, after it was restored elsewhere and compared.
 *
 * @param location directory or object prefix, without credentials
 * @param takenAt time of the one snapshot that all tables were read in
 * @param elapsed of everything, the restored copy included
 * @param method {@code copy}: a file for each table; {@code pg_dump}: one file with the whole database; empty from a
 *     worker that did not say
 * @param notes what somebody who restores it should know, such as a foreign key that could not be checked
 */
public record BackupReport(
        String location, Instant takenAt, List<Table> tables, Duration elapsed, String method, List<String> notes) {
    public BackupReport {
        Fields.text(location, "backup.location");
        Fields.required(takenAt, "backup.takenAt");
        tables = Fields.copy(tables);
        Fields.required(elapsed, "backup.elapsed");
        method = Objects.requireNonNullElse(method, "");
        notes = Fields.copy(notes);
    }

    /** By a worker that says no more. */
    public BackupReport(String location, Instant takenAt, List<Table> tables, Duration elapsed) {
        this(location, takenAt, tables, elapsed, "", List.of());
    }

    /**
     * @param sha256 of the stored file
     * @param contentChecksum order-independent, equal on the target's snapshot and on the restored copy
     */
    public record Table(String name, long rows, long bytes, String sha256, String contentChecksum) {
        public Table {
            Fields.text(name, "backup.table");
        }
    }
}
