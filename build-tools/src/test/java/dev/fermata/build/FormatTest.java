package dev.fermata.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormatTest {
    @TempDir
    Path root;

    @Test
    void laysOutAndDropsUnusedImports() throws IOException {
        JavaFile file = JavaFile.read(write(
                "m/src/main/java/A.java",
                "import java.util.Set;\nimport java.util.List;\nclass A {List<String> b;}\n"));
        assertThat(file.isDifferent()).isTrue();
        assertThat(file.laidOut()).isEqualTo("""
            import java.util.List;

            class A {
                List<String> b;
            }
            """);
    }

    @Test
    void aFileThatIsRightStaysAsItIs() throws IOException {
        assertThat(JavaFile.read(write("src/A.java", "class A {}\n")).isDifferent())
                .isFalse();
    }

    @Test
    void namesWildcardImportsAndBrokenFiles() throws IOException {
        assertThat(JavaFile.read(write("src/A.java", "import java.util.*;\n\nclass A {}\n"))
                        .hasWildcardImport())
                .isTrue();
        JavaFile broken = JavaFile.read(write("src/B.java", "class B {\n"));
        assertThat(broken.isBroken()).isTrue();
        assertThat(broken.isDifferent()).isFalse();
    }

    @Test
    void looksOnlyAtWhatPeopleWrite() throws IOException {
        Path written = write("m/src/test/java/A.java", "");
        write("m/target/src/B.java", "");
        write(".git/src/C.java", "");
        write("m/scratch/D.java", "");
        assertThat(SourceTree.javaFiles(root)).containsExactly(written);
    }

    private Path write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
