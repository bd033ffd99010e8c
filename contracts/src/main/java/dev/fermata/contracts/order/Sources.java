package dev.fermata.contracts.order;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Where the SQL files that a work order names come from. */
@FunctionalInterface
public interface Sources {
    /**
     * The text of a file.
     *
     * @param file relative, with {@code /} between its parts and no {@code ..}; the parser has checked that
     * @throws IOException saying why it cannot be had and what to do, fit to be shown to the author
     */
    String read(String file) throws IOException;

    /** For orders that arrive without a folder around them, over REST and Kafka: every file is refused. */
    static Sources none() {
        return file -> {
            throw new IOException("there is no folder beside an order that is posted; put the SQL into the document");
        };
    }

    /** Files in the folder and below it, and nowhere else: a symbolic link that leads out is refused. */
    static Sources in(Path folder) {
        return file -> {
            Path path = folder.resolve(file);
            try {
                if (!path.toRealPath().startsWith(folder.toRealPath())) {
                    throw new IOException("it leads out of the folder of the order; move it there");
                }
                return text(path);
            } catch (NoSuchFileException e) {
                throw new IOException("no such file beside the order; looked for " + path, e);
            }
        };
    }

    private static String text(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new IOException("it is not a file");
        }
        long bytes = Files.size(path);
        if (bytes > WorkOrderFile.MAX_SQL_BYTES) {
            throw new IOException("it has " + bytes + " bytes (at most " + WorkOrderFile.MAX_SQL_BYTES
                    + "); split the change into several orders");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(path)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException("it is not UTF-8 text; save it as UTF-8", e);
        }
    }
}
