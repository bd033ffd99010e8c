package dev.fermata.execution.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Backups in a folder that only its owner may read: 0700 for folders, 0600 for files. */
final class DirectoryStore implements BackupStore {
    private static final String UNFINISHED = ".partial";

    private final Path root;
    private final ToLongFunction<Path> free;

    DirectoryStore(Path root) {
        this(root, DirectoryStore::usableBytes);
    }

    /** @param free bytes that can still be written to the file store of a folder */
    DirectoryStore(Path root, ToLongFunction<Path> free) {
        this.root = root.toAbsolutePath().normalize();
        this.free = free;
    }

    @Override
    public String location(String name) {
        return resolve(name).toString();
    }

    /** Names come from manifests, too, which somebody may have edited: none leads out of the folder. */
    private Path resolve(String name) {
        Path path = root.resolve(name).normalize();
        if (!path.startsWith(root)) {
            throw new IllegalArgumentException("'" + name + "' leads out of " + root);
        }
        return path;
    }

    @Override
    public StoredFile write(String name, Content content) throws IOException {
        Path file = resolve(name);
        Path folder = file.resolveSibling("");
        makeFolders(folder);
        Path draft = file.resolveSibling(file.getFileName() + UNFINISHED);
        Files.deleteIfExists(draft);
        try {
            StoredFile stored;
            try (FileChannel channel = FileChannel.open(
                    draft,
                    EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    ownersOnly("rw-------"))) {
                Sums.Out out = new Sums.Out(Channels.newOutputStream(channel));
                content.writeTo(out);
                out.flush();
                channel.force(true);
                stored = out.file(name);
            }
            move(draft, file);
            flushFolder(folder);
            return stored;
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static void move(Path draft, Path file) throws IOException {
        try {
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(
                    "files in " + file.getParent() + " cannot be renamed atomically (expected: a file system that can)",
                    e);
        }
    }

    /** A name is durable only once its folder is; where a folder cannot be opened the system sees to it. */
    private static void flushFolder(Path folder) throws IOException {
        if (isPosix(folder)) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private void makeFolders(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            if (folder.startsWith(root) && !folder.equals(root)) {
                makeFolders(parent);
            } else {
                Files.createDirectories(parent);
            }
        }
        // Another thread may have made it meanwhile, which createDirectory alone would not forgive.
        Files.createDirectories(folder, ownersOnly("rwx------"));
    }

    private FileAttribute<?>[] ownersOnly(String permissions) {
        return isPosix(root)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    @Override
    public InputStream read(String name) throws IOException {
        return Files.newInputStream(resolve(name));
    }

    @Override
    public List<String> names(String folder) throws IOException {
        return all(folder).stream().filter(name -> !name.endsWith(UNFINISHED)).toList();
    }

    private List<String> all(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(resolve(folder))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public void delete(List<String> names) throws IOException {
        for (String name : names) {
            Path file = resolve(name);
            Files.deleteIfExists(file);
            for (Path folder = file.getParent();
                    folder != null && folder.startsWith(root) && !folder.equals(root);
                    folder = folder.getParent()) {
                try {
                    Files.deleteIfExists(folder);
                } catch (DirectoryNotEmptyException e) {
                    break;
                }
            }
        }
    }

    @Override
    public void clear(String folder) throws IOException {
        delete(all(folder));
    }

    @Override
    public void requireRoom(String folder, long bytes) throws IOException {
        Path path = resolve(folder);
        makeFolders(path);
        long there = free.applyAsLong(path);
        if (there < bytes) {
            throw new IOException(String.format(
                    Locale.ROOT,
                    "there is no room for the backup in %s: it may need %,d bytes and %,d are free (make room, or set"
                            + " worker-execution.backup-directory to another disk)",
                    path,
                    bytes,
                    there));
        }
    }

    private static long usableBytes(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("the free space of " + folder + " cannot be read", e);
        }
    }

    @Override
    public void close() {
        // holds nothing open
    }
}
