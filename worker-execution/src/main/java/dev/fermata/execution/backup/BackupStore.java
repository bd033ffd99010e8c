package dev.fermata.execution.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Where backups are kept. Names are relative, with {@code /} between folders:
 *
 * <pre>wo_01J.../shop/3f2a9c1b0d4e/manifest.json</pre>
 *
 * Thread-safe. Whatever cannot be done is an {@link IOException} that says where, and never holds a credential.
 */
public interface BackupStore extends AutoCloseable {

    /** Opens the one that the settings name. */
    static BackupStore open(BackupConfig config) {
        return config.s3() == null ? new DirectoryStore(config.directory()) : S3Store.open(config.s3());
    }

    /** What a file holds. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Where a file or folder is, for people. */
    String location(String name);

    /** Writes a file, which is there in whole or not at all. One of the same name is replaced. */
    StoredFile write(String name, Content content) throws IOException;

    /**
     * Opens a file.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    InputStream read(String name) throws IOException;

    /** All files below a folder, {@code ""} for all, in order. */
    List<String> names(String folder) throws IOException;

    /** Removes files, and the folders that are empty without them. */
    void delete(List<String> names) throws IOException;

    /** Removes everything below a folder, what was half written too. */
    void clear(String folder) throws IOException;

    /**
     * Looks whether there is room, as far as that can be known.
     *
     * @throws IOException naming the place, what is needed and what is free
     */
    void requireRoom(String folder, long bytes) throws IOException;

    @Override
    void close();
}
