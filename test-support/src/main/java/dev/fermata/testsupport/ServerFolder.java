package dev.fermata.testsupport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Folders for the data of embedded servers: {@code target/test-servers/<process>/<server>-<n>} of the tested module. Databases,
 * which consist of very many small files that come and go, are kept in memory where there is plenty of it.
 */
final class ServerFolder {
    static final Path MEMORY = Path.of("/dev/shm");
    private static final long PLENTY = 8L << 30;
    private static final AtomicInteger NEXT = new AtomicInteger();

    private ServerFolder() {}

    /** On the disk of the tested module. */
    static Path create(String server) {
        return create(
                server,
                Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("target/test-servers"));
    }

    /** In memory, or where there is little of it on disk. */
    static Path createInMemory(String server) {
        return hasPlentyOfMemory()
                ? create(server, MEMORY.resolve("fermata-test-servers-" + System.getProperty("user.name")))
                : create(server);
    }

    static boolean hasPlentyOfMemory() {
        try {
            return Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() >= PLENTY;
        } catch (IOException e) {
            return false; // then there is no such thing here
        }
    }

    private static Path create(String server, Path all) {
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
