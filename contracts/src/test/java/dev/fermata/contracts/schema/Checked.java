package dev.fermata.contracts.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that follow from the records. {@code -Dfermata.schemas=write} writes them, to be reviewed as a diff. */
final class Checked {
    static final Path RESOURCES = Path.of("src/main/resources");
    static final Path SCHEMAS = RESOURCES.resolve("schemas");

    private Checked() {}

    static void in(Path file, String text) {
        try {
            if ("write".equals(System.getProperty("fermata.schemas"))) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, text);
            }
            assertThat(file)
                    .as("run with -Dfermata.schemas=write and review the diff")
                    .exists();
            assertThat(Files.readString(file))
                    .as(file + "; run with -Dfermata.schemas=write and review the diff")
                    .isEqualTo(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
