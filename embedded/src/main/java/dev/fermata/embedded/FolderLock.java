package dev.fermata.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Says that one process uses a folder. The operating system lets go of it when that process dies, however it dies. */
final class FolderLock implements AutoCloseable {
    private static final String FILE = "fermata.lock";

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes the folder, which must exist, or fails at once when another server uses it. */
    static FolderLock take(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (tryLock(channel)) {
                channel.truncate(0).write(ByteBuffer.wrap(ownPid()));
                return new FolderLock(channel);
            }
            channel.close();
            throw new EmbeddedException("'" + folder + "' is in use by process "
                    + Files.readString(file).strip()
                    + " (expected: a folder of its own for each server); stop that process or choose another folder");
        } catch (IOException e) {
            throw new EmbeddedException("'" + file + "' could not be locked; is the folder writable?", e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException alreadyHeldByThisProcess) {
            return false;
        }
    }

    private static byte[] ownPid() {
        return Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new EmbeddedException("lock file could not be closed", e);
        }
    }
}
