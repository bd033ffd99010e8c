package dev.fermata.cli.client;

import dev.fermata.execution.backup.BackupConfig;
import dev.fermata.execution.backup.Backups;
import dev.fermata.runtime.config.ConfigException;
import dev.fermata.runtime.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which store: the one of the settings, where the execution worker keeps its backups, or a folder. */
final class BackupStoreOption {
    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Folder of the backups (default: as the execution worker's settings say, else"
                    + " .fermata/backups).")
    private @Nullable Path directory;

    /** What the settings say about backups; what is wrong elsewhere in them does not matter here. */
    BackupConfig config(SettingsFile settings) {
        ConfigReader reader = new ConfigReader(settings.source());
        BackupConfig config = BackupConfig.read(reader);
        List<String> problems = problems(reader).stream()
                .filter(problem -> problem.startsWith("worker-execution.backup-"))
                .toList();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return directory == null
                ? config
                : new BackupConfig(directory, null, config.parallel(), config.keep(), config.reuse(), config.clients());
    }

    private static List<String> problems(ConfigReader reader) {
        try {
            reader.finish();
            return List.of();
        } catch (ConfigException e) {
            return e.problems();
        }
    }

    /**
     * The one backup that is meant.
     *
     * @param command that is given, to be told again with another name
     */
    static Backups.Kept one(Backups backups, String reference, String command) throws IOException {
        Backups.Listing listing = backups.find(reference);
        if (!listing.unreadable().isEmpty()) {
            throw new CliException(
                    ExitCode.ERROR,
                    "backup-unreadable",
                    "the manifest of " + listing.unreadable().getFirst().folder() + " cannot be read",
                    listing.unreadable().stream().map(Backups.Unreadable::why).toList(),
                    "fermata backup list");
        }
        List<Backups.Kept> found = listing.backups();
        if (found.isEmpty()) {
            throw new CliException(
                    ExitCode.NOT_FOUND,
                    "no-backup",
                    "there is no backup '" + reference + "' in " + backups.location(""),
                    List.of(),
                    "fermata backup list");
        }
        if (found.size() > 1) {
            throw new CliException(
                    ExitCode.USAGE,
                    "several-backups",
                    "'" + reference + "' has " + found.size() + " backups (expected: the name of one)",
                    found.stream()
                            .map(kept -> kept.folder() + " taken "
                                    + Times.local(kept.manifest().takenAt().toString()))
                            .toList(),
                    command.replace(reference, found.getFirst().folder()));
        }
        return found.getFirst();
    }
}
