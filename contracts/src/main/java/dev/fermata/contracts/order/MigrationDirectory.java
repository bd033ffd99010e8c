package dev.fermata.contracts.order;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of migrations as other tools keep it: Flyway's {@code V12__add_status.sql} with {@code U12__add_status.sql} or
 * {@code V12__add_status.down.sql}, and {@code 000012_add_status.up.sql} with {@code .down.sql} of golang-migrate and sqlx.
 * Files that do not end in {@code .sql} and folders within are left alone; every other name is reported.
 */
public final class MigrationDirectory {
    private static final Pattern FLYWAY =
            Pattern.compile("(?<kind>[VU])(?<version>\\d+(?:[._]\\d+)*)__(?<title>[^.]+)(?<way>\\.up|\\.down)?\\.sql");
    private static final Pattern NUMBERED =
            Pattern.compile("(?<version>\\d+)_(?<title>[^.]+)(?<way>\\.up|\\.down)\\.sql");

    private final Path folder;
    private final Problems problems;
    private final Map<Version, Named> changes = new TreeMap<>();
    private final Map<Version, Named> rollbacks = new TreeMap<>();

    private MigrationDirectory(Path folder) {
        this.folder = folder;
        this.problems = new Problems(folder.toString());
    }

    /**
     * The migrations in the order of their versions.
     *
     * @throws WorkOrderFileException naming every file that cannot be used, or when there is none
     * @throws IOException when the folder cannot be read
     */
    public static List<Migration> list(Path folder) throws IOException {
        return new MigrationDirectory(folder).read();
    }

    private record Named(String file, String version, String title) {}

    private List<Migration> read() throws IOException {
        for (String file : sqlFiles()) {
            sort(file);
        }
        rollbacks.forEach((version, rollback) -> {
            if (!changes.containsKey(version)) {
                report(
                        ProblemCode.ORPHAN_ROLLBACK,
                        rollback.file() + ": there is no migration of version " + rollback.version()
                                + " that it takes back; add it, or remove this file");
            }
        });
        if (changes.isEmpty() && problems.isEmpty()) {
            report(
                    ProblemCode.EMPTY,
                    "no migration in the folder (expected: files such as V12__add_status.sql or"
                            + " 000012_add_status.up.sql)");
        }
        List<Migration> migrations = new ArrayList<>();
        for (Map.Entry<Version, Named> change : changes.entrySet()) {
            migrations.add(migration(change.getValue(), rollbacks.get(change.getKey())));
        }
        problems.throwIfAny();
        return migrations;
    }

    private List<String> sqlFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> name.endsWith(".sql") && !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private void sort(String file) {
        Matcher name = FLYWAY.matcher(file);
        boolean flyway = name.matches();
        if (!flyway) {
            name = NUMBERED.matcher(file);
        }
        if (!flyway && !name.matches()) {
            String why = file.startsWith("R__")
                    ? "repeatable migrations have no version and no way back"
                    : "not a name of a migration";
            report(
                    ProblemCode.BAD_FILE_NAME,
                    file + ": " + why
                            + " (expected: V12__add_status.sql, U12__add_status.sql, 000012_add_status.up.sql or"
                            + " 000012_add_status.down.sql); rename or move it");
            return;
        }
        boolean back = (flyway && name.group("kind").equals("U")) || ".down".equals(name.group("way"));
        Named named = new Named(file, name.group("version"), name.group("title"));
        Named other = (back ? rollbacks : changes).putIfAbsent(Version.parse(named.version()), named);
        if (other != null) {
            report(
                    ProblemCode.DUPLICATE_VERSION,
                    file + ": version " + named.version() + " is that of " + other.file()
                            + " too; renumber one of them");
        }
    }

    private Migration migration(Named change, @Nullable Named rollback) {
        String prefix = change.file().startsWith("V") ? "v" : "";
        return new Migration(
                orderName(prefix + change.version() + "-" + change.title()),
                change.version(),
                change.title().replace('_', ' ').strip(),
                change.file(),
                text(change.file()),
                rollback == null ? null : rollback.file(),
                rollback == null ? null : text(rollback.file()));
    }

    private String text(String file) {
        try {
            String text = DocumentText.withUnixLineEnds(Sources.in(folder).read(file));
            if (text.isBlank()) {
                report(ProblemCode.EMPTY, file + ": empty (expected: SQL); write it, or remove the file");
            } else if (DocumentText.firstNonText(text) >= 0) {
                report(ProblemCode.NOT_TEXT, file + ": a NUL character in it (expected: text); remove it");
            }
            return text;
        } catch (IOException e) {
            report(ProblemCode.SOURCE, file + ": cannot be read: " + e.getMessage());
            return "";
        }
    }

    private void report(ProblemCode code, String what) {
        problems.add(code, Mark.NOWHERE, what);
    }

    private static String orderName(String text) {
        String name = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return name.substring(0, Math.min(63, name.length())).replaceAll("-+$", "");
    }

    /** Numbers between dots or underscores; 1, 1.0 and 01 are the same version, as they are to Flyway. */
    private record Version(List<BigInteger> parts) implements Comparable<Version> {
        private static final Comparator<List<BigInteger>> ORDER = (left, right) -> {
            for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
                int order = part(left, i).compareTo(part(right, i));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        };

        static Version parse(String text) {
            return new Version(
                    Stream.of(text.split("[._]")).map(BigInteger::new).toList());
        }

        @Override
        public int compareTo(Version other) {
            return ORDER.compare(parts, other.parts);
        }

        private static BigInteger part(List<BigInteger> parts, int index) {
            return index < parts.size() ? parts.get(index) : BigInteger.ZERO;
        }
    }
}
