package dev.fermata.cli.lint;

import dev.fermata.analysis.lint.LintedFile;
import dev.fermata.cli.client.CliException;
import dev.fermata.cli.client.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the working tree adds to where it left a revision, line by line, as Git tells. */
final class ChangedLines {
    private static final Pattern HUNK = Pattern.compile("^@@ -\\S+ \\+(\\d+)(?:,(\\d+))? @@.*");

    /** @param count 0 where lines were only taken away */
    private record Range(int start, int count) {
        boolean touches(int first, int last) {
            return count > 0 && start <= last && start + count > first;
        }
    }

    private final Map<Path, List<Range>> ranges = new HashMap<>();
    private final Set<Path> untracked = new HashSet<>();

    private ChangedLines() {}

    /**
     * Since the commit where the branch left {@code revision}; files that Git does not know yet are new as a whole.
     *
     * @param folder inside a repository
     * @throws CliException where Git is missing, this is no repository or the revision is unknown
     */
    static ChangedLines since(String revision, Path folder) {
        if (revision.startsWith("-")) {
            throw failed("'" + revision + "' is no revision", "");
        }
        Path root = Path.of(git(folder, "rev-parse", "--show-toplevel").strip());
        ChangedLines changed = new ChangedLines();
        changed.read(
                root,
                git(
                        root,
                        "diff",
                        "--merge-base",
                        "--unified=0",
                        "--no-color",
                        "--no-ext-diff",
                        "--src-prefix=a/",
                        "--dst-prefix=b/",
                        revision,
                        "--"));
        for (String name :
                git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")) {
            if (!name.isEmpty()) {
                changed.untracked.add(root.resolve(name));
            }
        }
        return changed;
    }

    private void read(Path root, String diff) {
        Path file = null;
        for (String line : diff.lines().toList()) {
            if (line.startsWith("+++ ")) {
                file = line.startsWith("+++ b/") ? root.resolve(line.substring("+++ b/".length())) : null;
            } else if (file != null) {
                Matcher hunk = HUNK.matcher(line);
                if (hunk.matches()) {
                    ranges.computeIfAbsent(file, none -> new ArrayList<>())
                            .add(new Range(
                                    Integer.parseInt(hunk.group(1)),
                                    hunk.group(2) == null ? 1 : Integer.parseInt(hunk.group(2))));
                }
            }
        }
    }

    /** Whether anything was added to it. */
    boolean touches(Path file) {
        return untracked.contains(real(file)) || ranges.containsKey(real(file));
    }

    /** The file with the findings of those statements only of which a line was added or changed. */
    LintedFile of(LintedFile file) {
        Path path = real(Path.of(file.path()));
        if (untracked.contains(path)) {
            return file;
        }
        List<Range> changed = ranges.getOrDefault(path, List.of());
        return file.keeping(statement -> changed.stream()
                .anyMatch(range -> range.touches(
                        statement.line(),
                        statement.line() + (int) statement.sql().lines().count() - 1)));
    }

    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file.toAbsolutePath();
        }
    }

    private static String git(Path folder, String... arguments) {
        List<String> command = new ArrayList<>(List.of("git", "-c", "core.quotePath=false"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.PIPE)
                    .start();
            process.getOutputStream().close();
            try (InputStream out = process.getInputStream();
                    InputStream err = process.getErrorStream()) {
                String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
                String complaint = new String(err.readAllBytes(), StandardCharsets.UTF_8);
                if (process.waitFor() != 0) {
                    throw failed("git " + arguments[0] + " failed", complaint);
                }
                return text;
            }
        } catch (IOException e) {
            throw failed("git cannot be run", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted while git ran", null);
        }
    }

    private static CliException failed(String what, @Nullable String why) {
        return new CliException(
                ExitCode.ERROR,
                "no-diff",
                what + " (expected for --diff: a Git repository, and a revision of it)",
                why == null || why.isBlank() ? List.of() : List.of(why.strip()),
                null);
    }
}
