package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A process that makes a clone and a copy of it, says so, and waits until it is killed. The password comes by stdin. */
final class WorkerThatIsKilled {
    static final String READY = "clone and copy are there";

    private WorkerThatIsKilled() {}

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
        try (Clone clone = Clone.make(target, Stage.RUN, new DumpClones(DumpClones.all()));
                Clone.Copy copy = clone.copy("w")) {
            System.out.println(READY);
            System.out.flush();
            while (in.readLine() != null) {
                System.out.println(copy.database());
            }
        }
    }
}
