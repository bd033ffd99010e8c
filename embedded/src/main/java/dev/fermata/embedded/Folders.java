package dev.fermata.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Making and removing folders, with the path in the message when that fails. */
final class Folders {
    private Folders() {}

    /** The folder, with the folders above it, under its real name. */
    static Path create(Path folder) {
        try {
            return Files.createDirectories(folder).toRealPath();
        } catch (IOException e) {
            throw new EmbeddedException(
                    "folder '" + folder + "' could not be made; is the folder above it writable?", e);
        }
    }

    /** Removes the folder and all in it, when it is there. Links are removed, not followed. */
    static void delete(Path folder) {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new EmbeddedException("folder '" + folder + "' could not be removed", e);
        }
    }
}
