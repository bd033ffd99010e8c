package dev.fermata.testsupport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Temporary folders of tests that keep databases in them: in memory where there is plenty, as {@link ServerFolder} says. */
public final class MemoryFolders implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext elementContext, ExtensionContext extensionContext)
            throws IOException {
        return ServerFolder.hasPlentyOfMemory()
                ? Files.createTempDirectory(ServerFolder.MEMORY, "fermata-test-")
                : Files.createTempDirectory("fermata-test-");
    }
}
