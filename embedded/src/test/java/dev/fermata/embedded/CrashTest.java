package dev.fermata.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class CrashTest {
    @TempDir
    Path folder;

    @Test
    void dataSurvivesAJvmThatIsKilled() throws Exception {
        Process crashed = startInChildJvm();
        crashed.destroyForcibly().waitFor();

        try (BothServers servers = BothServers.start(folder)) {
            servers.write("written after the crash");
            assertThat(servers.rows()).containsExactly("written before the crash", "written after the crash");
            assertThat(servers.records(2)).containsExactly("written before the crash", "written after the crash");
        }
    }

    @Test
    void dataSurvivesWhenThePostmasterIsKilledToo() throws Exception {
        Process crashed = startInChildJvm();
        ProcessHandle postmaster = ProcessHandle.of(postgresPid).orElseThrow();
        postmaster.destroyForcibly();
        crashed.destroyForcibly().waitFor();
        postmaster.onExit().get(30, TimeUnit.SECONDS);

        try (BothServers servers = BothServers.start(folder)) {
            assertThat(servers.rows()).containsExactly("written before the crash");
            assertThat(servers.records(1)).containsExactly("written before the crash");
        }
    }

    @Test
    void theServerEndsWithAJvmThatIsKilled() throws Exception {
        assumeTrue(Command.works("setpriv", "--pdeathsig", "INT", "true"), "setpriv can tie processes");
        Process crashed = startInChildJvm();
        ProcessHandle postmaster = ProcessHandle.of(postgresPid).orElseThrow();
        crashed.destroyForcibly().waitFor();
        assertThat(postmaster.onExit()).succeedsWithin(Duration.ofSeconds(30));
    }

    @Test
    void theServerHearsNoInterruptThatIsMeantForTheJvm() throws Exception {
        assumeTrue(Command.works("setsid", "true"), "setsid can part processes");
        Process jvm = startInChildJvm();
        ProcessHandle postmaster = ProcessHandle.of(postgresPid).orElseThrow();
        String groupOfJvm = processGroup(jvm.pid());
        String groupOfServer = processGroup(postgresPid);
        jvm.destroyForcibly().waitFor();
        postmaster.destroyForcibly();
        postmaster.onExit().get(30, TimeUnit.SECONDS);
        assertThat(groupOfServer).isNotEqualTo(groupOfJvm);
    }

    /** See proc(5): after the name in brackets come the state, the parent and the process group. */
    private static String processGroup(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[2];
    }

    private long postgresPid;

    private Process startInChildJvm() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process child = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        BothServers.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = child.inputReader();
        String line = output.readLine();
        while (line != null && !line.startsWith("postgres ")) {
            System.out.println("child: " + line);
            line = output.readLine();
        }
        assertThat(line).as("the child's word that it has written").isNotNull();
        postgresPid = Long.parseLong(line.substring("postgres ".length()));
        return child;
    }
}
