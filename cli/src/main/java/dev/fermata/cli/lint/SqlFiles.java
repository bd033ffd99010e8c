package dev.fermata.cli.lint;

import dev.fermata.cli.client.CliException;
import dev.fermata.cli.client.ExitCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Which files are meant by the paths of a command line. */
final class SqlFiles {
    private SqlFiles() {}

    /**
     * Files as they are named; of folders all {@code .sql} files below them, in the order in which migrations run, but
     * those that take a change back: {@code *.down.sql} and {@code U*__*.sql}.
     *
     * @throws CliException for a path that is not there
     */
    static List<Path> of(List<Path> paths) {
        Set<Path> files = new LinkedHashSet<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                files.addAll(below(path));
            } else if (Files.exists(path)) {
                files.add(path);
            } else {
                throw new CliException(
                        ExitCode.NOT_FOUND,
                        "no-such-file",
                        "'" + path + "' is not there (expected: a file of SQL, or a folder)",
                        List.of(),
                        null);
            }
        }
        return List.copyOf(files);
    }

    private static List<Path> below(Path folder) {
        try (Stream<Path> walk = Files.walk(folder)) {
            List<Path> files = new ArrayList<>(
                    walk.filter(Files::isRegularFile).filter(SqlFiles::isChange).toList());
            files.sort(MigrationOrder.BY_NAME);
            return files;
        } catch (IOException | UncheckedIOException e) {
            throw new CliException(
                    ExitCode.ERROR,
                    "unreadable",
                    "folder '" + folder + "' cannot be read",
                    List.of(String.valueOf(e.getMessage())),
                    null);
        }
    }

    private static boolean isChange(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".sql") && !name.endsWith(".down.sql") && !name.matches("u[0-9._]+__.*") && !isDown(name);
    }

    /** As diesel names them: a folder for each change with {@code up.sql} and {@code down.sql}. */
    private static boolean isDown(String name) {
        return name.equals("down.sql");
    }
}
