package dev.fermata.execution.backup;

import dev.fermata.contracts.order.WorkOrder.BackupMode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A process that takes a backup, says so at each place where it asks whether it may go on, and waits there for a line. Host,
 * port, database, user and folder are arguments; the password is the first line.
 */
final class BackupProcess {
    static final String AT = "it has come to ";
    static final Set<QualifiedName> TABLES =
            Set.of(new QualifiedName("public", "large"), new QualifiedName("public", "small"));

    private final BufferedReader in;
    private int places;

    private BackupProcess(BufferedReader in) {
        this.in = in;
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        TargetDatabase target = new TargetDatabase(new TargetAddress(
                "shop",
                args[0],
                Integer.parseInt(args[1]),
                args[2],
                args[3],
                Password.of(String.valueOf(in.readLine())),
                "test"));
        backup(target, Path.of(args[4]), new BackupProcess(in)::arrive).take(BackupMode.AFFECTED, TABLES);
    }

    /** The one that the process takes. */
    static Backup backup(TargetDatabase target, Path root, Runnable checkPoint) {
        return new Backup(
                target,
                RichShop.RUN,
                RichShop.DIGEST,
                BackupConfig.in(root),
                Clock.systemUTC(),
                checkPoint,
                new PgClients(List.of(), Map.of()));
    }

    /** Tables are copied side by side: one waits, then the other. */
    private synchronized void arrive() {
        System.out.println(AT + ++places);
        System.out.flush();
        try {
            if (in.readLine() == null) {
                throw new IllegalStateException("nobody is there to say go");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
