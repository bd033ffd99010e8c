package dev.fermata.cli.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Passwords of the embedded database, made at random on first use and kept in files that only their owner can read. */
final class Secrets {
    private static final int BYTES = 18;

    private final Path folder;

    Secrets(Path folder) {
        this.folder = folder;
    }

    /** The file of a secret, made when it is missing. */
    Path file(String name) {
        Path file = folder.resolve(name);
        try {
            Files.createDirectories(folder);
            if (!Files.exists(file)) {
                byte[] random = new byte[BYTES];
                new SecureRandom().nextBytes(random);
                write(file, HexFormat.of().formatHex(random));
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("secret '" + name + "' cannot be kept in " + folder, e);
        }
    }

    String read(String name) {
        try {
            return Files.readString(file(name)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("secret '" + name + "' cannot be read from " + folder, e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(file, text);
    }
}
