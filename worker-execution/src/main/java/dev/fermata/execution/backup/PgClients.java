package dev.fermata.execution.backup;

import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pg_dump and pg_restore of this machine. Passwords go to them by their environment, never on a command line. */
final class PgClients {
    /** With these a dump cannot make the client that restores it run code (CVE-2025-8714, -8715, CVE-2026-18408). */
    static final Map<Integer, Integer> SAFE_MINORS = Map.of(14, 24, 15, 19, 16, 15, 17, 11, 18, 6);

    private static final int OLDEST = 14;
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)\\.(\\d+)");
    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"|'[^']*'");
    private static final long VERSION_SECONDS = 10;

    private final List<Path> folders;
    private final Map<Integer, Integer> safeMinors;

    /** @param folder the one to look in; empty: the PATH and the folders of the usual packages */
    PgClients(Path folder) {
        this(folder.toString().isEmpty() ? usualFolders() : List.of(folder), SAFE_MINORS);
    }

    PgClients(List<Path> folders, Map<Integer, Integer> safeMinors) {
        this.folders = List.copyOf(folders);
        this.safeMinors = Map.copyOf(safeMinors);
    }

    /** Both programs of one folder. */
    record Client(Path folder, int major, int minor) {
        private List<String> command(String program, String... arguments) {
            List<String> command =
                    new ArrayList<>(List.of(folder.resolve(program).toString()));
            command.addAll(List.of(arguments));
            return command;
        }

        @Override
        public String toString() {
            return "pg_dump " + major + "." + minor;
        }
    }

    private static List<Path> usualFolders() {
        List<Path> folders = new ArrayList<>();
        folders.addAll(packages(Path.of("/usr/lib/postgresql"), "*"));
        folders.addAll(packages(Path.of("/usr"), "pgsql-*"));
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isBlank())
                .map(Path::of)
                .forEach(folders::add);
        return folders;
    }

    private static List<Path> packages(Path parent, String glob) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(parent, glob)) {
            children.forEach(child -> found.add(child.resolve("bin")));
        } catch (IOException e) {
            return List.of(); // no such packages here
        }
        return found;
    }

    /** One that may dump a server of this version and restore into it: of the same version if there is one. */
    Optional<Client> fitting(int serverMajor) throws IOException, InterruptedException {
        List<Client> fitting = new ArrayList<>();
        for (Client client : all()) {
            if (client.major() >= serverMajor && isSafe(client)) {
                fitting.add(client);
            }
        }
        return fitting.stream().min(Comparator.comparingInt(Client::major));
    }

    /** Why there is none, for people. */
    String whyNone(int serverMajor) throws IOException, InterruptedException {
        List<Client> all = all();
        String found = all.isEmpty()
                ? "none"
                : String.join(
                        ", ", all.stream().map(Client::toString).distinct().toList());
        return "no fitting pg_dump (expected: " + serverMajor + "." + safeMinors.getOrDefault(serverMajor, 0)
                + " or newer; found: " + found + ")";
    }

    private boolean isSafe(Client client) {
        Integer minor = safeMinors.get(client.major());
        return minor == null ? client.major() > OLDEST : client.minor() >= minor;
    }

    private List<Client> all() throws IOException, InterruptedException {
        List<Client> clients = new ArrayList<>();
        for (Path folder : folders) {
            if (Files.isExecutable(folder.resolve("pg_dump")) && Files.isExecutable(folder.resolve("pg_restore"))) {
                version(folder).ifPresent(clients::add);
            }
        }
        return clients;
    }

    private static Optional<Client> version(Path folder) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(folder.resolve("pg_dump").toString(), "--version")
                .redirectErrorStream(true)
                .start();
        try {
            if (!process.waitFor(VERSION_SECONDS, TimeUnit.SECONDS)) {
                return Optional.empty();
            }
            Matcher version =
                    VERSION.matcher(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            return version.find()
                    ? Optional.of(
                            new Client(folder, Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2))))
                    : Optional.empty();
        } finally {
            process.destroyForcibly();
        }
    }

    /**
     * Writes the whole database as it was at the snapshot, in custom format.
     *
     * @param session the name of its sessions
     */
    StoredFile dump(
            Client client,
            TargetDatabase database,
            String session,
            String snapshot,
            BackupStore store,
            String name,
            Runnable checkPoint)
            throws IOException, InterruptedException {
        List<String> command = client.command(
                "pg_dump", "--format=custom", "--snapshot=" + snapshot, "--lock-wait-timeout=10s", "--no-password");
        try (Running dump = new Running(command, database, session)) {
            dump.process.getOutputStream().close();
            return store.write(name, out -> {
                pump(dump.process.getInputStream(), out, checkPoint);
                dump.requireSuccess(); // before the file counts as written
            });
        } catch (InterruptedIOException e) {
            throw new InterruptedException("asked to stop");
        }
    }

    /**
     * Restores a dump into an empty database. What it could not make shows in the comparison, which every caller makes:
     * a newer client's settings are unknown to an older server, and that does no harm.
     */
    void restore(TargetDatabase database, int serverMajor, BackupStore store, String folder, StoredFile dump)
            throws IOException, InterruptedException {
        Client client = fitting(serverMajor)
                .orElseThrow(() -> new IOException("the dump cannot be restored: there is no fitting pg_restore"));
        List<String> command = client.command(
                "pg_restore",
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                "--no-subscriptions",
                "--no-password");
        String name = folder + "/" + dump.name();
        command.add("--dbname=" + database.address().database());
        String role = database.address().role();
        if (role != null) {
            command.add("--role=" + role);
        }
        try (Running restore = new Running(command, database, "fermata-restore");
                Sums.In in = new Sums.In(store.read(name))) {
            try (OutputStream out = restore.process.getOutputStream()) {
                in.transferTo(out);
            }
            in.requireSame(dump, store.location(name));
            restore.requireEnd();
        }
    }

    private static void pump(InputStream in, OutputStream out, Runnable checkPoint) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            out.write(buffer, 0, count);
            checkPoint.run();
        }
    }

    /** A program at work. Closing ends it, finished or not. */
    private static final class Running implements AutoCloseable {
        private final Process process;
        private final Thread listening;
        private volatile String firstError = "";
        private final String program;

        Running(List<String> command, TargetDatabase database, String session) throws IOException {
            TargetAddress address = database.address();
            ProcessBuilder builder = new ProcessBuilder(command);
            Map<String, String> environment = builder.environment();
            environment.keySet().removeIf(name -> name.startsWith("PG"));
            environment.put("PGHOST", address.host());
            environment.put("PGPORT", String.valueOf(address.port()));
            environment.put("PGUSER", address.user());
            environment.put("PGDATABASE", address.database());
            environment.put("PGAPPNAME", session);
            environment.put("LC_ALL", "C");
            String password = address.password().reveal();
            if (!password.isEmpty()) {
                environment.put("PGPASSWORD", password);
            }
            program = Path.of(command.getFirst()).getFileName().toString();
            process = builder.start();
            listening = Thread.ofVirtual().name(program).start(this::listen);
        }

        private void listen() {
            try (Stream<String> lines =
                    process.errorReader(StandardCharsets.UTF_8).lines()) {
                lines.forEach(line -> {
                    // What is quoted may be somebody's row.
                    if (firstError.isEmpty() && line.contains("error:")) {
                        firstError = QUOTED.matcher(line).replaceAll("...");
                    }
                });
            } catch (UncheckedIOException e) {
                // it was ended; whoever did so knows
            }
        }

        void requireSuccess() throws IOException {
            int status = end();
            if (status != 0) {
                throw new IOException(program + " ended with status " + status + ": " + firstError);
            }
        }

        /** Whatever it says. */
        void requireEnd() throws IOException {
            int status = end();
            if (status > 1) {
                throw new IOException(program + " ended with status " + status + ": " + firstError);
            }
        }

        private int end() throws IOException {
            try {
                int status = process.waitFor();
                listening.join();
                return status;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("asked to stop");
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
