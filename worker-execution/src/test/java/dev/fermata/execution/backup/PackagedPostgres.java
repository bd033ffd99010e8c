package dev.fermata.execution.backup;

import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A server of the operating system's packages, which have pg_dump as well; the embedded one has not. Where there is none,
 * the tests that need it are skipped and say so.
 */
public final class PackagedPostgres implements AutoCloseable {
    private static final String PASSWORD = "only for the test";

    private final Path programs;
    private final Path data;
    private final int port;

    private PackagedPostgres(Path programs, Path data, int port) {
        this.programs = programs;
        this.data = data;
        this.port = port;
    }

    public static Optional<Path> programs() throws IOException {
        Path packages = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(packages)) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> versions = Files.newDirectoryStream(packages)) {
            for (Path version : versions) {
                Path programs = version.resolve("bin");
                if (Files.isExecutable(programs.resolve("postgres"))
                        && Files.isExecutable(programs.resolve("pg_dump"))) {
                    return Optional.of(programs);
                }
            }
        }
        return Optional.empty();
    }

    public static PackagedPostgres start(Path programs, Path folder) throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Path password = Files.writeString(folder.resolve("password"), PASSWORD);
        if (isRoot()) {
            // The server refuses to be root's; who it is run as must reach its folder.
            for (Path way : List.of(folder, folder.resolveSibling(""))) {
                Files.setPosixFilePermissions(way, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            run(List.of("chown", "nobody", data.toString(), password.toString()));
        }
        PackagedPostgres server = new PackagedPostgres(programs, data, freePort());
        server.program("initdb", "-D", data.toString(), "-U", "app", "-A", "scram-sha-256", "--pwfile=" + password);
        server.program(
                "pg_ctl",
                "-D",
                data.toString(),
                "-w",
                "-l",
                data.resolve("log").toString(),
                "-o",
                "-p " + server.port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off",
                "start");
        return server;
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void program(String name, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        }
        command.add(programs.resolve(name).toString());
        command.addAll(List.of(arguments));
        run(command);
    }

    private static void run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IllegalStateException(command + " failed");
        }
    }

    public void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** A pg_dump of everything, for a reader who must not fall asleep: until it is read it keeps its locks. */
    public Process dump() throws IOException {
        ProcessBuilder dump = new ProcessBuilder(
                        programs.resolve("pg_dump").toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        "" + port,
                        "-U",
                        "app",
                        "postgres")
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        dump.environment().put("PGPASSWORD", PASSWORD);
        return dump.start();
    }

    /** Whether a query has rows. */
    public boolean holds(String condition) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS (" + condition + ")")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "app", PASSWORD);
    }

    public TargetDatabase target() {
        return new TargetDatabase(
                new TargetAddress("shop", "127.0.0.1", port, "postgres", "app", Password.of(PASSWORD), "test"));
    }

    @Override
    public void close() throws Exception {
        program("pg_ctl", "-D", data.toString(), "-m", "immediate", "-w", "stop");
    }
}
