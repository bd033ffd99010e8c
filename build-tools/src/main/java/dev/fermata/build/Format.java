package dev.fermata.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The layout of every Java file below a folder: palantir-java-format, ordered imports, none unused, no wildcards.
 *
 * <pre>
 * Format check ROOT   names the files that differ, and fails when there are any
 * Format apply ROOT   rewrites them
 * </pre>
 */
public final class Format {
    private static final String REMEDY = "./mvnw -q -Dquick -Pfmt -pl build-tools process-classes";

    private Format() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("arguments: " + List.of(arguments) + " (expected: check|apply ROOT)");
        }
        Path root = Path.of(arguments[1]).toRealPath();
        List<JavaFile> files =
                SourceTree.javaFiles(root).parallelStream().map(JavaFile::read).toList();
        boolean sound = report(root, files);
        List<JavaFile> different = files.stream().filter(JavaFile::isDifferent).toList();
        boolean laidOut =
                switch (arguments[0]) {
                    case "check" -> check(root, different);
                    case "apply" -> apply(root, different);
                    default ->
                        throw new IllegalArgumentException(
                                "command: '" + arguments[0] + "' (expected: check or apply)");
                };
        if (!sound || !laidOut) {
            System.exit(1);
        }
    }

    /** Names what cannot be repaired by machine. */
    private static boolean report(Path root, List<JavaFile> files) {
        List<JavaFile> faulty = files.stream()
                .filter(file -> file.isBroken() || file.hasWildcardImport())
                .toList();
        for (JavaFile file : faulty) {
            System.err.println(root.relativize(file.path())
                    + (file.isBroken()
                            ? " cannot be parsed: " + file.reason()
                            : " has wildcard imports; name each class"));
        }
        return faulty.isEmpty();
    }

    private static boolean check(Path root, List<JavaFile> different) {
        if (different.isEmpty()) {
            return true;
        }
        System.err.println(different.stream()
                .map(file -> "  " + root.relativize(file.path()))
                .collect(Collectors.joining("\n", "not in our layout:\n", "\nto lay them out: " + REMEDY)));
        return false;
    }

    private static boolean apply(Path root, List<JavaFile> different) {
        for (JavaFile file : different) {
            try {
                Files.writeString(file.path(), file.laidOut());
            } catch (IOException e) {
                throw new UncheckedIOException("'" + file.path() + "' could not be rewritten", e);
            }
            System.out.println("laid out " + root.relativize(file.path()));
        }
        return true;
    }
}
