package dev.fermata.acceptance.corpora;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One project's migrations in their order.
 *
 * <p>Read from a folder with {@code manifest.json}: {@code {"corpus": "shop", "files": [{"n": 1, "stem": "0001_orders",
 * "up": "0001_orders.up.sql", "down": "0001_orders.down.sql"}]}}; {@code down} may be missing.
 */
record Corpus(String name, List<Migration> migrations) {

    /** @param down null where the author gave none */
    record Migration(String name, String up, @Nullable String down) {}

    Corpus {
        migrations = List.copyOf(migrations);
    }

    /** Each folder below this one that has a manifest. */
    static List<Corpus> all(Path folder) throws IOException {
        List<Corpus> corpora = new ArrayList<>();
        try (DirectoryStream<Path> projects = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (Path project : projects) {
                if (Files.exists(project.resolve("manifest.json"))) {
                    corpora.add(read(project));
                }
            }
        }
        corpora.sort(Comparator.comparing(Corpus::name));
        return corpora;
    }

    private static Corpus read(Path project) throws IOException {
        JsonNode manifest = Json.mapper().readTree(Files.readString(project.resolve("manifest.json")));
        List<Migration> migrations = new ArrayList<>();
        for (JsonNode file : manifest.path("files")) {
            String up = file.path("up").asText("");
            String down = file.path("down").asText("");
            if (!up.isEmpty()) {
                migrations.add(new Migration(
                        file.path("stem").asText(),
                        Files.readString(project.resolve(up)),
                        down.isEmpty() ? null : Files.readString(project.resolve(down))));
            }
        }
        return new Corpus(manifest.path("corpus").asText(project.getFileName().toString()), migrations);
    }
}
