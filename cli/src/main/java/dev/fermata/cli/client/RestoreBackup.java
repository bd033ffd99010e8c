package dev.fermata.cli.client;

import dev.fermata.contracts.json.Json;
import dev.fermata.execution.backup.AlreadyThereException;
import dev.fermata.execution.backup.Backups;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata backup restore}: beside what is there, never over it. */
@Command(
        name = "restore",
        description =
                "Restores a backup beside what is there: into a database that is not there yet, or its rows into a"
                        + " schema of the target. Never over a table.",
        mixinStandardHelpOptions = true)
final class RestoreBackup implements Callable<Integer> {
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
            required = true,
            paramLabel = "NAME",
            description = "Target of the settings file, for its server and its role.")
    private String target = "";

    @ArgGroup(multiplicity = "1")
    private Where where = new Where();

    /** One of the two. */
    static final class Where {
        @Option(
                names = "--database",
                paramLabel = "NEW",
                description = "Makes this database and restores everything: rows, indexes, constraints, sequences.")
        private @Nullable String database;

        @Option(
                names = "--schema",
                paramLabel = "NAME",
                description = "Restores rows only, as plain tables in this schema of the target.")
        private @Nullable String schema;
    }

    @Option(names = "--with-owners", description = "With --database: owners and grants as they were, too.")
    private boolean withOwners;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    RestoreBackup() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        RegisteredTarget registered = new RegisteredTarget(settings, target, command("NAME"));
        TargetDatabase server = registered.database();
        try (Backups backups = Backups.open(store.config(settings))) {
            Backups.Kept kept = BackupStoreOption.one(backups, reference, command(name()));
            List<String> refused = restore(backups, kept, server);
            refused.forEach(line -> spec.commandLine().getErr().println("warning: not given back: " + line));
            var json = Json.mapper().createObjectNode();
            json.put("backup", kept.folder());
            json.put(where.database == null ? "schema" : "database", name());
            json.put("tables", kept.manifest().tables().size());
            json.put("rows", kept.rows());
            output.one(
                    spec.commandLine().getOut(),
                    json,
                    name(),
                    () -> kept.manifest().tables().size() + " tables, " + kept.rows() + " rows restored into "
                            + (where.database == null ? "schema '" : "database '") + name() + "'");
            kept.manifest().notes().forEach(note -> spec.commandLine().getErr().println("note: " + note));
            return ExitCode.DONE.code();
        } catch (AlreadyThereException e) {
            throw new CliException(
                    ExitCode.CONFLICT,
                    "already-there",
                    String.valueOf(e.getMessage()),
                    List.of("a backup is never restored over something"),
                    command("another_name"));
        } catch (TargetException e) {
            throw registered.failed(e);
        }
    }

    private List<String> restore(Backups backups, Backups.Kept kept, TargetDatabase server)
            throws IOException, InterruptedException {
        if (where.database == null) {
            backups.restoreRows(kept, server, name());
            return List.of();
        }
        return backups.restore(
                kept,
                server,
                name(),
                withOwners ? Backups.Ownership.AS_IT_WAS : Backups.Ownership.OF_THE_RESTORING_ROLE);
    }

    private String name() {
        return where.database != null ? where.database : where.schema != null ? where.schema : "";
    }

    private String command(String name) {
        return "fermata backup restore " + reference + " --target " + target
                + (where.database == null ? " --schema " : " --database ") + name;
    }
}
