package dev.fermata.embedded;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies on the disk for one server:
 *
 * <pre>
 * data/          PostgreSQL's own
 * password       of the superuser, made at random, readable by its owner only
 * postgres.log   what the server says
 * fermata.lock   held while somebody uses the folder
 * </pre>
 */
final class DataFolder {
    static final String SUPERUSER = "postgres";

    private static final Logger LOGGER = LoggerFactory.getLogger(DataFolder.class);
    private static final Duration INIT_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(40);

    private final Path folder;
    private final PostgresBinaries binaries;
    private final RunAs runAs;

    DataFolder(Path folder, PostgresBinaries binaries, RunAs runAs) {
        this.folder = folder;
        this.binaries = binaries;
        this.runAs = runAs;
    }

    Path data() {
        return folder.resolve("data");
    }

    Path log() {
        return folder.resolve("postgres.log");
    }

    String password() {
        Path file = passwordFile();
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new EmbeddedException(
                    "password file '" + file + "' cannot be read; without it the data in '" + folder
                            + "' is out of reach: put the file back, or delete the folder to start anew",
                    e);
        }
    }

    private Path passwordFile() {
        return folder.resolve("password");
    }

    /**
     * Makes an empty database cluster unless there is one. It is made aside and renamed, so that a half-made one
     * never looks complete.
     */
    void initialise() {
        if (Files.exists(data().resolve("PG_VERSION"))) {
            return;
        }
        Path unfinished = folder.resolve("data.unfinished");
        Folders.delete(unfinished);
        createPassword();
        runAs.own(passwordFile());
        List<String> arguments = new ArrayList<>(List.of(
                "--pgdata=" + unfinished,
                "--username=" + SUPERUSER,
                "--pwfile=" + passwordFile(),
                "--auth=scram-sha-256",
                "--encoding=UTF-8",
                "--locale=C",
                "--no-instructions",
                "--no-sync"));
        if (hasBuiltinLocales()) {
            arguments.addAll(List.of("--locale-provider=builtin", "--builtin-locale=C.UTF-8"));
        }
        Command.mustSucceed(runAs.command(binaries.program("initdb"), arguments), INIT_LIMIT);
        try {
            Files.move(unfinished, data(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new EmbeddedException("'" + unfinished + "' could not be renamed to '" + data() + "'", e);
        }
    }

    /** Since 17. Older programs only come here when tests are run on them. */
    private boolean hasBuiltinLocales() {
        String help = Command.run(runAs.command(binaries.program("initdb"), List.of("--help")), INIT_LIMIT)
                .output();
        return help.contains("--builtin-locale");
    }

    private void createPassword() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        try {
            Files.deleteIfExists(passwordFile());
            Path file = Files.createFile(
                    passwordFile(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
        } catch (IOException e) {
            throw new EmbeddedException("password file '" + passwordFile() + "' could not be written", e);
        }
    }

    /** Gives the folder to the user that PostgreSQL runs as, which may differ from the last start's. */
    void own() {
        runAs.own(folder);
        runAs.checkReachable(folder);
        runAs.checkReachable(binaries.home());
    }

    /** Stops the server that an earlier JVM, killed by force, left behind on this data. */
    void stopOrphan() {
        Optional<ProcessHandle> owner = pidInFile().flatMap(ProcessHandle::of);
        if (owner.filter(this::isOurServer).isPresent()) {
            LOGGER.atInfo().addKeyValue("pid", owner.get().pid()).log("stopping the PostgreSQL of an earlier run");
            stop("fast");
        } else if (owner.isPresent()) {
            // Another program has that number now, and PostgreSQL would take it for a server that still runs.
            deletePidFile();
        }
    }

    private boolean isOurServer(ProcessHandle process) {
        String arguments = String.join(" ", process.info().arguments().orElse(new String[0]));
        return process.info().command().orElse("").endsWith("postgres") && arguments.contains(data().toString());
    }

    /** Stops the running server and returns when it is gone; the mode is {@code fast} or {@code immediate}. */
    void stop(String mode) {
        List<String> arguments = List.of("stop", "--pgdata=" + data(), "--mode=" + mode, "--wait", "--timeout=30");
        Command.Result result = Command.run(runAs.command(binaries.program("pg_ctl"), arguments), STOP_LIMIT);
        if (!result.succeeded() && pidInFile().flatMap(ProcessHandle::of).isPresent()) {
            throw new EmbeddedException("PostgreSQL on '" + data() + "' did not stop: " + result.output());
        }
    }

    /** The command that runs the server until it is stopped or the thread that started it ends. */
    List<String> serverCommand(Map<String, String> settings) {
        List<String> arguments = new ArrayList<>(List.of("-D", data().toString()));
        settings.forEach((name, value) -> arguments.addAll(List.of("-c", name + "=" + value)));
        return runAs.serverCommand(binaries.program("postgres"), arguments);
    }

    /** The server's own word on its state: process number first, "ready" in line 8 when clients may come. */
    boolean isReady(long pid) {
        List<String> lines = pidFile();
        return lines.size() >= 8
                && lines.getFirst().strip().equals(Long.toString(pid))
                && lines.get(7).strip().equals("ready");
    }

    private Optional<Long> pidInFile() {
        return pidFile().stream()
                .findFirst()
                .map(String::strip)
                .filter(line -> line.matches("\\d+"))
                .map(Long::valueOf);
    }

    private List<String> pidFile() {
        try {
            return Files.readAllLines(data().resolve("postmaster.pid"), StandardCharsets.UTF_8);
        } catch (NoSuchFileException notRunning) {
            return List.of();
        } catch (IOException e) {
            throw new EmbeddedException("'" + data() + "/postmaster.pid' cannot be read", e);
        }
    }

    private void deletePidFile() {
        try {
            Files.deleteIfExists(data().resolve("postmaster.pid"));
        } catch (IOException e) {
            throw new EmbeddedException("'" + data() + "/postmaster.pid' could not be removed", e);
        }
    }

    long logSize() {
        try {
            return Files.exists(log()) ? Files.size(log()) : 0;
        } catch (IOException e) {
            throw new EmbeddedException("log '" + log() + "' cannot be read", e);
        }
    }

    /** What the log says from that byte on, its last lines only; for messages. */
    String logSince(long offset) {
        try (SeekableByteChannel channel = Files.newByteChannel(log())) {
            String text = new String(
                    Channels.newInputStream(channel.position(offset)).readAllBytes(), StandardCharsets.UTF_8);
            List<String> lines = text.lines().toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
        } catch (IOException e) {
            return "(the log cannot be read: " + e + ")";
        }
    }
}
