package dev.fermata.contracts.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.fermata.contracts.Examples;
import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AsyncApiTest {
    private static final Path FILE = Checked.RESOURCES.resolve("asyncapi.yaml");

    @Test
    void theDocumentFollowsFromTheRecords() {
        Checked.in(FILE, AsyncApi.document());
    }

    /** Read again from the file, and asked of each message itself where it belongs. */
    @Test
    void everyMessageIsInTheChannelOfItsTopicAndInNoOther() throws IOException {
        JsonNode channels = document().get("channels");

        for (Message message : Examples.messages()) {
            String name = message.getClass().getSimpleName();
            List<String> in = channels.properties().stream()
                    .filter(channel -> channel.getValue().get("messages").has(name))
                    .map(Map.Entry::getKey)
                    .toList();
            assertThat(in).as(name).containsExactly(message.topic().wire());
        }
    }

    @Test
    void thereIsNoMessageAndNoChannelThatIsGone() throws IOException {
        Set<String> known = new TreeSet<>(Set.of("DeadLetter"));
        Examples.messages().forEach(message -> known.add(message.getClass().getSimpleName()));

        assertThat(names(document().at("/components/messages"))).containsExactlyInAnyOrderElementsOf(known);
        assertThat(names(document().get("channels"))).containsExactly(names(Topic.values()));
        document().get("channels").properties().forEach(channel -> {
            assertThat(channel.getValue().get("address").asText()).isEqualTo("fermata." + channel.getKey());
            assertThat(known).containsAll(names(channel.getValue().get("messages")));
        });
    }

    @Test
    void everyReferenceLeadsSomewhere() throws IOException {
        List<String> references = new ArrayList<>();
        collect(document(), references);

        assertThat(references).hasSizeGreaterThan(100);
        for (String reference : references) {
            if (reference.startsWith("#")) {
                assertThat(document().at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse();
            } else {
                assertThat(Checked.RESOURCES.resolve(reference)).exists();
            }
        }
    }

    @Test
    void everyMessageIsSentAndReceivedBySomebody() throws IOException {
        for (String action : List.of("send", "receive")) {
            Set<String> covered = new TreeSet<>();
            for (JsonNode operation : document().get("operations")) {
                if (operation.get("action").asText().equals(action)) {
                    covered.addAll(messages(operation));
                }
            }
            Set<String> all = new TreeSet<>(names(document().at("/components/messages")));
            all.removeAll(covered);
            assertThat(all).as("nobody does " + action).isEmpty();
        }
    }

    @Test
    void theHeadersAreThoseThatAreWritten() throws IOException {
        JsonNode headers = document().at("/components/schemas/CloudEvent/properties");
        for (Message message : Examples.messages()) {
            Map<String, String> written =
                    CloudEvents.headers(new Envelope("id", "source", Instant.EPOCH, "00-a-b-01", message));
            assertThat(names(headers)).containsExactlyInAnyOrderElementsOf(written.keySet());
            assertThat(document()
                            .at("/components/messages/" + message.getClass().getSimpleName()
                                    + "/headers/allOf/1/properties/ce_type/const")
                            .asText())
                    .isEqualTo(written.get("ce_type"));
        }
    }

    private static List<String> messages(JsonNode operation) throws IOException {
        if (operation.has("messages")) {
            List<String> names = new ArrayList<>();
            operation
                    .get("messages")
                    .forEach(message -> names.add(message.get("$ref").asText().replaceAll(".*/", "")));
            return names;
        }
        return names(document()
                .at(operation.at("/channel/$ref").asText().substring(1))
                .get("messages"));
    }

    private static void collect(JsonNode node, List<String> references) {
        if (node.has("$ref")) {
            references.add(node.get("$ref").asText());
        }
        node.forEach(child -> collect(child, references));
    }

    private static JsonNode document() throws IOException {
        return new ObjectMapper(new YAMLFactory()).readTree(Files.readString(FILE));
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static String[] names(Topic[] topics) {
        return List.of(topics).stream().map(Topic::wire).toArray(String[]::new);
    }
}
