package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.run.RunState;
import dev.fermata.execution.backup.BackupConfig;
import dev.fermata.execution.backup.Backups;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code fermata backup prune}: asks the conductor, who alone knows whether a run is over. As long as it can still be
 * rolled back it is not, and its backup stays; so does one that the conductor knows nothing of.
 */
@Command(
        name = "prune",
        description =
                "Removes backups of runs that ended long enough ago. One whose run is open, can be rolled back, or is"
                        + " unknown to the conductor stays.",
        mixinStandardHelpOptions = true)
final class PruneBackups implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Mixin
    private BackupStoreOption store = new BackupStoreOption();

    @Mixin
    private OutputOption output = new OutputOption();

    @Option(
            names = "--older-than",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Time since the end of the run (default: worker-execution.backup-keep, 30d).")
    private @Nullable Duration olderThan;

    @Option(names = "--dry-run", description = "Only says what would be removed.")
    private boolean dryRun;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    PruneBackups() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        BackupConfig config = store.config(client.settings());
        Duration keep = olderThan == null ? config.keep() : olderThan;
        Conductor conductor = client.conductor();
        List<JsonNode> verdicts = new ArrayList<>();
        try (Backups backups = Backups.open(config)) {
            Backups.Listing listing = backups.list();
            for (Backups.Kept kept : listing.backups()) {
                String reason = reasonToKeep(conductor, kept, keep, Instant.now());
                if (reason.isEmpty() && !dryRun) {
                    backups.delete(kept);
                }
                verdicts.add(verdict(kept.folder(), kept.bytes(), reason));
            }
            // Whose run it was cannot be told, so nobody can say that it is over.
            listing.unreadable().forEach(one -> verdicts.add(verdict(one.folder(), 0, Plain.line(one.why()))));
        }
        output.list(spec.commandLine().getOut(), verdicts, v -> v.path("backup").asText(), () -> table(verdicts));
        return ExitCode.DONE.code();
    }

    /** Empty: none. */
    private static String reasonToKeep(Conductor conductor, Backups.Kept kept, Duration keep, Instant now)
            throws InterruptedException {
        JsonNode runs;
        try {
            runs = conductor.runs(kept.manifest().run().order().value());
        } catch (CliException e) {
            if (e.exit() == ExitCode.NOT_FOUND) {
                return "the conductor does not know the order";
            }
            throw e;
        }
        JsonNode run = StreamSupport.stream(runs.spliterator(), false)
                .filter(r ->
                        r.path("target").asText().equals(kept.manifest().run().target()))
                .findFirst()
                .orElse(Json.mapper().createObjectNode());
        String state = run.path("state").asText("unknown");
        boolean ended = Arrays.stream(RunState.values())
                .anyMatch(s -> s.isEnd() && s.wire().equals(state));
        if (!ended) {
            return "the run is " + state;
        }
        Instant end = Instant.parse(run.path("updatedAt").asText());
        return end.plus(keep).isAfter(now) ? "the run ended " + Times.age(end.toString(), now) + " ago" : "";
    }

    private ObjectNode verdict(String backup, long bytes, String reason) {
        ObjectNode verdict = Json.mapper().createObjectNode();
        verdict.put("backup", backup);
        verdict.put("bytes", bytes);
        verdict.put("pruned", reason.isEmpty() && !dryRun);
        verdict.put("why", reason.isEmpty() ? (dryRun ? "would be pruned" : "pruned") : "kept: " + reason);
        return verdict;
    }

    private static String table(List<JsonNode> verdicts) {
        Table table = new Table("BACKUP", "SIZE", "WHAT");
        verdicts.forEach(v -> table.row(
                v.path("backup").asText(),
                BackupCommand.size(v.path("bytes").asLong()),
                v.path("why").asText()));
        return table.toString();
    }
}
