package dev.fermata.cli.client;

import dev.fermata.contracts.json.Json;
import dev.fermata.execution.backup.BackupConfig;
import dev.fermata.execution.backup.Backups;
import dev.fermata.postgres.targets.TargetException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata backup verify}. */
@Command(
        name = "verify",
        description = "Reads every file of a backup and compares it with what was written; with --target restores it"
                + " into a scratch database of that server, too, and compares the rows.",
        mixinStandardHelpOptions = true)
final class VerifyBackup implements Callable<Integer> {
    @Mixin
    private SettingsFile settings = new SettingsFile();

    @Mixin
    private BackupStoreOption store = new BackupStoreOption();

    @Mixin
    private OutputOption output = new OutputOption();

    @Parameters(paramLabel = "BACKUP", description = "As 'backup list' names it, or an order or run that has one.")
    private String reference = "";

    @Option(
            names = "--target",
            paramLabel = "NAME",
            description =
                    "Target of the settings file on whose server it is restored; the target itself is left alone.")
    private @Nullable String target;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    VerifyBackup() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        BackupConfig config = store.config(settings);
        String command = "fermata backup verify " + reference;
        try (Backups backups = Backups.open(config)) {
            Backups.Kept kept = BackupStoreOption.one(backups, reference, command);
            List<String> wrong = new ArrayList<>(backups.damages(kept));
            if (target != null && wrong.isEmpty()) {
                wrong.addAll(restored(backups, kept, new RegisteredTarget(settings, target, command)));
            }
            if (!wrong.isEmpty()) {
                throw new CliException(
                        ExitCode.ERROR,
                        "backup-damaged",
                        "backup '" + kept.folder() + "' is not what was kept",
                        wrong,
                        null);
            }
            var json = Json.mapper().createObjectNode();
            json.put("backup", kept.folder());
            json.put("files", kept.manifest().files().size());
            json.put("bytes", kept.bytes());
            json.put("rows", kept.rows());
            json.put("restored", target != null);
            output.one(spec.commandLine().getOut(), json, kept.folder(), () -> sentence(kept));
            return ExitCode.DONE.code();
        }
    }

    private static List<String> restored(Backups backups, Backups.Kept kept, RegisteredTarget target)
            throws IOException, InterruptedException {
        try {
            return backups.differences(kept, target.database());
        } catch (TargetException e) {
            throw target.failed(e);
        }
    }

    private String sentence(Backups.Kept kept) {
        return kept.folder() + ": " + kept.manifest().files().size() + " files, "
                + BackupCommand.size(kept.bytes()) + ", as they were written"
                + (target == null
                        ? ""
                        : "; restored on the server of '" + target + "': "
                                + kept.manifest().tables().size() + " tables, " + kept.rows() + " rows, all equal");
    }
}
