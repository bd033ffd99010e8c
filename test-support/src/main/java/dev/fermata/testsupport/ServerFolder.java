package dev.fermata.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Folders for the data of embedded servers: {@code target/test-servers/<process>/<server>-<n>} of the tested module. */
final class ServerFolder {
    private static final AtomicInteger NEXT = new AtomicInteger();

    private ServerFolder() {}

    static Path create(String server) {
        Path all = Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("target/test-servers");
        Path folder = all.resolve(Long.toString(ProcessHandle.current().pid()))
                .resolve(server + "-" + NEXT.incrementAndGet());
        try {
            Files.createDirectories(folder);
            sweep(all);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the data of a test server", e);
        }
    }

    /** Removes what test runs left behind that were killed. */
    private static void sweep(Path all) throws IOException {
        try (Stream<Path> runs = Files.list(all)) {
            runs.filter(ServerFolder::isOfDeadProcess).forEach(ServerFolder::delete);
        }
    }

    private static boolean isOfDeadProcess(Path run) {
        String pid = run.getFileName().toString();
        return pid.matches("\\d+") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
    }

    static void delete(Path folder) {
        try (Stream<Path> walk = Files.walk(folder)) {
            List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException stillInUse) {
            System.out.println("left behind: " + folder + " (" + stillInUse.getMessage() + ")");
        }
    }
}
