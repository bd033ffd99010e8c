package dev.fermata.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code fermata demo}, as a newcomer runs it. */
class DemoIT {
    @Test
    void everyOutcomeIsTheExpectedOneAndTheApplicationFeltNoError(@TempDir Path folder) {
        StringWriter out = new StringWriter();
        int exit = Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(System.err, true))
                .execute("demo", "--data", folder.resolve("demo").toString());
        assertThat(out.toString())
                .contains("every outcome was the expected one", "asked the shop itself: 10 of 10 checks hold")
                .contains("kill -9 of the execution worker")
                .doesNotContain("NOT TRUE");
        assertThat(exit).isZero();
    }
}
