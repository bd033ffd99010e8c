package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import dev.fermata.execution.backup.BackupManifest;
import dev.fermata.execution.backup.Backups;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fermata backup}: what was kept before changes, read where the execution worker keeps it. */
@Command(
        name = "backup",
        description = "Lists, verifies, restores and prunes what was kept before changes.",
        mixinStandardHelpOptions = true,
        subcommands = {BackupCommand.ListBackups.class, VerifyBackup.class, RestoreBackup.class, PruneBackups.class})
public final class BackupCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    public BackupCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "backup: what? (expected: list, verify, restore or prune)");
    }

    /** {@code fermata backup list}. */
    @Command(name = "list", description = "Lists backups, newest first.", mixinStandardHelpOptions = true)
    static final class ListBackups implements Callable<Integer> {
        @Mixin
        private SettingsFile settings = new SettingsFile();

        @Mixin
        private BackupStoreOption store = new BackupStoreOption();

        @Mixin
        private OutputOption output = new OutputOption();

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
        ListBackups() {}

        @Override
        public Integer call() throws IOException {
            try (Backups backups = Backups.open(store.config(settings))) {
                Backups.Listing listing = backups.list();
                List<Backups.Kept> all = listing.backups();
                output.list(
                        spec.commandLine().getOut(),
                        all.stream().map(kept -> json(kept, backups)).toList(),
                        kept -> kept.path("backup").asText(),
                        () -> table(all));
                PrintWriter err = spec.commandLine().getErr();
                if (all.isEmpty()) {
                    err.println("fermata: no backups in " + backups.location(""));
                }
                listing.unreadable().forEach(one -> err.println("fermata: left out: " + Plain.line(one.why())));
                return (listing.unreadable().isEmpty() ? ExitCode.DONE : ExitCode.ERROR).code();
            }
        }

        private static JsonNode json(Backups.Kept kept, Backups backups) {
            BackupManifest manifest = kept.manifest();
            ObjectNode json = Json.mapper().createObjectNode();
            json.put("backup", kept.folder());
            json.put("location", backups.location(kept.folder()));
            json.put("runId", manifest.run().toString());
            json.put("planDigest", manifest.planDigest());
            json.put("mode", manifest.mode());
            json.put("method", method(manifest));
            json.put("takenAt", manifest.takenAt().toString());
            json.put("server", manifest.server());
            json.put("rows", kept.rows());
            json.put("bytes", kept.bytes());
            var tables = json.putArray("tables");
            manifest.tables().forEach(table -> tables.add(table.qualifiedName().toString()));
            var notes = json.putArray("notes");
            manifest.notes().forEach(notes::add);
            return json;
        }

        private static String table(List<Backups.Kept> all) {
            Table table = new Table("BACKUP", "TAKEN", "AGE", "BY", "TABLES", "ROWS", "SIZE");
            for (Backups.Kept kept : all) {
                String taken = kept.manifest().takenAt().toString();
                table.row(
                        kept.folder(),
                        Times.local(taken),
                        Times.age(taken, Instant.now()),
                        method(kept.manifest()),
                        String.valueOf(kept.manifest().tables().size()),
                        String.format(Locale.ROOT, "%,d", kept.rows()),
                        size(kept.bytes()));
            }
            return table.toString();
        }
    }

    private static String method(BackupManifest manifest) {
        return manifest.method().name().toLowerCase(Locale.ROOT);
    }

    /** {@code 812 B}, {@code 4.0 KiB}. */
    static String size(long bytes) {
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        if (bytes < 1024) {
            return bytes + " B";
        }
        double size = bytes;
        int unit = -1;
        while (size >= 1024 && unit < units.length - 1) {
            size /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", size, units[unit]);
    }
}
