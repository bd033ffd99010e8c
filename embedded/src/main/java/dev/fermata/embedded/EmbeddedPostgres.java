package dev.fermata.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server as a child process. Listens on the loopback address only; the superuser's password is made at
 * random and lies in the folder, readable by its owner.
 *
 * <p>The data stays in the folder. When this JVM dies by force, the server is told to shut down (where
 * {@code setpriv --pdeathsig} works) and in any case the next {@link #start} on the folder stops it first.
 *
 * <p>{@link #close} waits up to half a minute for the server to end. All methods may be called from any thread.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final long MAX_LOG_BYTES = 16 << 20;

    private final Postmaster postmaster;
    private final DataFolder folder;
    private final FolderLock lock;
    private final PostgresAddress address;

    private EmbeddedPostgres(Postmaster postmaster, DataFolder folder, FolderLock lock, PostgresAddress address) {
        this.postmaster = postmaster;
        this.folder = folder;
        this.lock = lock;
        this.address = address;
    }

    /** Starts on any free port with our settings. */
    public static EmbeddedPostgres start(Path folder) {
        return start(folder, PostgresOptions.defaults());
    }

    /**
     * Starts the server and returns when it accepts clients. The first start in a folder makes an empty database
     * cluster there; the first start ever unpacks the programs.
     *
     * @param folder made when missing; belongs to this server alone
     * @throws EmbeddedException when the folder is in use, the given port is taken, or this machine is not supported
     */
    public static EmbeddedPostgres start(Path folder, PostgresOptions options) {
        RunAs runAs = RunAs.detect();
        Path cache = Folders.create(options.cache());
        PostgresBinaries binaries =
                PostgresBinaries.in(runAs.canRead(cache) ? cache : PostgresBinaries.temporaryCache());
        Path place = Folders.create(folder);
        FolderLock lock = FolderLock.take(place);
        try {
            DataFolder data = new DataFolder(place, binaries, runAs);
            data.own();
            data.stopOrphan();
            data.initialise();
            rotate(data.log());
            return options.port() == 0
                    ? LoopbackPorts.bindOnFreePort(port -> startOn(port, data, options, lock))
                    : startOn(options.port(), data, options, lock);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static EmbeddedPostgres startOn(int port, DataFolder folder, PostgresOptions options, FolderLock lock) {
        long begin = System.nanoTime();
        LoopbackPorts.requireFree(port);
        Postmaster postmaster = Postmaster.launch(folder, settings(port, options));
        try {
            postmaster.awaitReady();
        } catch (RuntimeException e) {
            postmaster.kill();
            throw e;
        }
        LOGGER.atDebug()
                .addKeyValue("port", port)
                .addKeyValue("elapsedMillis", (System.nanoTime() - begin) / 1_000_000)
                .log("embedded PostgreSQL started");
        PostgresAddress address =
                new PostgresAddress(LoopbackPorts.HOST, port, DataFolder.SUPERUSER, folder.password());
        return new EmbeddedPostgres(postmaster, folder, lock, address);
    }

    private static Map<String, String> settings(int port, PostgresOptions options) {
        Map<String, String> settings = new LinkedHashMap<>(Map.of(
                "listen_addresses", LoopbackPorts.HOST,
                "unix_socket_directories", "",
                "wal_level", "logical",
                "shared_preload_libraries", "pg_stat_statements",
                "max_connections", "200",
                "timezone", "UTC",
                "log_timezone", "UTC"));
        if (options.durability() == PostgresOptions.Durability.PROCESS) {
            // Not synchronous_commit=off: that one loses commits when the server is killed.
            settings.putAll(Map.of("fsync", "off", "full_page_writes", "off"));
        }
        settings.putAll(options.settings());
        settings.put("port", Integer.toString(port));
        return settings;
    }

    /** Keeps the log of a long-lived folder from growing without end. */
    private static void rotate(Path log) {
        try {
            if (Files.exists(log) && Files.size(log) > MAX_LOG_BYTES) {
                Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new EmbeddedException("log '" + log + "' could not be set aside", e);
        }
    }

    public PostgresAddress address() {
        return address;
    }

    /** What the server says; grows over restarts. */
    public Path logFile() {
        return folder.log();
    }

    /** The process number of the server, for tests that kill it. */
    public long pid() {
        return postmaster.pid();
    }

    public boolean isAlive() {
        return postmaster.isAlive();
    }

    /** Ends the server as a crash would: connections break, nothing is written out. The next start recovers. */
    public void stopImmediate() {
        stop("immediate");
    }

    /** Ends the server in order; open transactions are rolled back. May be called twice. */
    @Override
    public void close() {
        stop("fast");
    }

    private void stop(String mode) {
        if (postmaster.isAlive()) {
            folder.stop(mode);
            postmaster.awaitEnd();
        }
        lock.close();
    }
}
