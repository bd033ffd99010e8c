package dev.fermata.contracts.plan;

import dev.fermata.contracts.Fields;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What was kept before production was touched, after it was restored elsewhere and compared.
 *
 * @param location directory or object prefix, without credentials
 * @param takenAt time of the one snapshot that all tables were read in
 */
public record BackupReport(String location, Instant takenAt, List<Table> tables, Duration elapsed) {
    public BackupReport {
        Fields.text(location, "backup.location");
        Fields.required(takenAt, "backup.takenAt");
        tables = Fields.copy(tables);
        Fields.required(elapsed, "backup.elapsed");
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
