package dev.fermata.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files around the code say what is true. */
class RepositoryTest {
    static final Path ROOT = root();

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("mvnw")) && here.getParent() != null) {
            here = here.getParent();
        }
        return here;
    }

    @Test
    void theCompositionUsesThreeImagesWithTagsNoPasswordOfItsOwnAndNoRoot() throws IOException {
        Path file = ROOT.resolve("docker-compose.yml");
        JsonNode compose = new ObjectMapper(new YAMLFactory()).readTree(Files.readString(file));
        Set<String> images = new TreeSet<>();
        compose.path("services")
                .forEach(service -> images.add(service.path("image").asText()));
        images.remove("");
        assertThat(images).containsExactlyInAnyOrder("postgres:18", "apache/kafka:4.3.1");
        assertThat(compose.path("x-service").path("user").asText()).isEqualTo("65532:65532");
        assertThat(compose.path("x-service").path("read_only").asBoolean()).isTrue();
        assertThat(compose.path("x-service").has("healthcheck")).isTrue();
        assertThat(compose.toString()).doesNotContainPattern("PASSWORD\"\\s*:");
        compose.path("services").forEach(service -> service.path("ports")
                .forEach(port -> assertThat(port.asText()).startsWith("127.0.0.1:")));
        assertThat(Files.readString(ROOT.resolve("Dockerfile")))
                .contains("USER 65532")
                .doesNotContain("# syntax");
    }

    @Test
    void linksBetweenPagesLeadSomewhere() throws IOException {
        for (Path page : pages()) {
            Matcher link = Pattern.compile("\\]\\((?!https?:|#)([^)#\\s]+)").matcher(Files.readString(page));
            while (link.find()) {
                assertThat(page.resolveSibling(link.group(1)))
                        .as("link in %s", page)
                        .exists();
            }
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            List<Path> pages = new ArrayList<>(
                    docs.filter(p -> p.toString().endsWith(".md")).toList());
            pages.add(ROOT.resolve("README.md"));
            pages.add(ROOT.resolve("CONTRIBUTING.md"));
            return pages;
        }
    }
}
