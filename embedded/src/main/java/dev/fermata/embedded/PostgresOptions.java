package dev.fermata.embedded;

import java.nio.file.Path;
import java.util.Map;

/**
 * How the embedded PostgreSQL runs.
 *
 * @param port where clients connect, or 0 for any free one; may differ from one start to the next on the same data
 * @param durability what a commit waits for
 * @param settings server settings that replace ours, such as {@code max_connections}
 * @param cache where the binaries are unpacked once, for all servers of this user
 */
public record PostgresOptions(int port, Durability durability, Map<String, String> settings, Path cache) {
    /** What a commit waits for. Either way it survives the death of every process on the machine. */
    public enum Durability {
        /** The disk: a commit also survives a power cut. */
        DISK,
        /** The operating system: much faster, for tests. */
        PROCESS
    }

    public PostgresOptions {
        checkPort(port);
        settings = Map.copyOf(settings);
    }

    /** Any free port, durable, our settings, the cache of this user. */
    public static PostgresOptions defaults() {
        return new PostgresOptions(0, Durability.DISK, Map.of(), PostgresBinaries.userCache());
    }

    public PostgresOptions withPort(int port) {
        return new PostgresOptions(port, durability, settings, cache);
    }

    public PostgresOptions withDurability(Durability durability) {
        return new PostgresOptions(port, durability, settings, cache);
    }

    public PostgresOptions withSettings(Map<String, String> settings) {
        return new PostgresOptions(port, durability, settings, cache);
    }

    public PostgresOptions withCache(Path cache) {
        return new PostgresOptions(port, durability, settings, cache);
    }

    static void checkPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535, or 0 for any free one)");
        }
    }
}
