package dev.fermata.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The words that go before each PostgreSQL command.
 *
 * <p>PostgreSQL refuses to run as root. A user namespace in which we are nobody is enough for it and keeps our file
 * access; where the machine does not allow that, as most containers do not, we become the user 65534.
 *
 * @param prefix the command that runs the command
 * @param owner who must own the data, as numbers for {@code chown}; empty for an ordinary user, whose data it is anyway
 */
record RunAs(List<String> prefix, String owner) {
    private static final String NOBODY = "65534";

    static RunAs detect() {
        if (!isRoot()) {
            return new RunAs(List.of(), "");
        }
        if (Command.works("unshare", "-U", "true")) {
            return new RunAs(List.of("unshare", "-U"), "0:0");
        }
        List<String> asNobody = List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
        if (Command.works("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "true")) {
            return new RunAs(asNobody, NOBODY + ":" + NOBODY);
        }
        throw new EmbeddedException("PostgreSQL does not run as root, and neither 'unshare -U' nor 'setpriv --reuid' "
                + "works here; start as an ordinary user, or install util-linux");
    }

    List<String> command(Path program, List<String> arguments) {
        return command(List.of(program.toString()), arguments);
    }

    /**
     * As {@link #command}, and the program lives and dies as a server should. It hears no Ctrl-C from the terminal, so
     * that those who use it can stop first. And it is asked to shut down when the thread that starts it ends, so even
     * {@code kill -9} of this JVM leaves no server behind. Where these tools are missing, the next start stops it.
     */
    List<String> serverCommand(Path program, List<String> arguments) {
        List<String> words = new ArrayList<>();
        if (Command.works("setsid", "true")) {
            words.add("setsid");
        }
        if (Command.works("setpriv", "--pdeathsig", "INT", "true")) {
            words.addAll(List.of("setpriv", "--pdeathsig", "INT"));
        }
        words.add(program.toString());
        return command(words, arguments);
    }

    private List<String> command(List<String> program, List<String> arguments) {
        return join(join(prefix, program), arguments);
    }

    /** Gives the folder and all in it to the user that PostgreSQL runs as. */
    void own(Path folder) {
        if (!owner.isEmpty()) {
            List<String> chown = List.of("chown", "-R", owner, folder.toString());
            Duration within = Duration.ofMinutes(1);
            // a server that was just killed may still take its own files away under it
            if (!Command.run(chown, within).succeeded()) {
                Command.mustSucceed(chown, within);
            }
        }
    }

    /** Whether PostgreSQL, as the user it runs as, can read the path. */
    boolean canRead(Path path) {
        return owner.isEmpty()
                || Command.run(join(prefix, List.of("test", "-r", path.toString())), Duration.ofSeconds(10))
                        .succeeded();
    }

    /** Fails with a remedy when PostgreSQL cannot reach the path. */
    void checkReachable(Path path) {
        if (!canRead(path)) {
            throw new EmbeddedException(
                    "'" + path + "' cannot be read by PostgreSQL, which has not the powers of the root that starts it"
                            + " (expected: every folder above it may be entered by all); start as an ordinary user,"
                            + " or choose a folder such as /var/lib/fermata");
        }
    }

    private static List<String> join(List<String> first, List<String> second) {
        List<String> joined = new ArrayList<>(first);
        joined.addAll(second);
        return joined;
    }

    private static boolean isRoot() {
        Path self = Path.of("/proc/self");
        try {
            return Files.exists(self)
                    ? Files.getAttribute(self, "unix:uid").equals(0)
                    : System.getProperty("user.name").equals("root");
        } catch (IOException e) {
            throw new EmbeddedException("the user of this process could not be found out from '" + self + "'", e);
        }
    }
}
