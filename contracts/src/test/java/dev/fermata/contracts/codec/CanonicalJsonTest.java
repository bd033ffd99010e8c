package dev.fermata.contracts.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.Gen;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalJsonTest {
    @Test
    void theExampleOfRfc8785Section322() throws IOException {
        JsonNode sample = tree("""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
              "literals": [null, true, false]
            }
            """);

        assertThat(CanonicalJson.write(sample))
                .isEqualTo("{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                        + "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    }

    @Test
    void theKeysOfRfc8785Section323AreInTheOrderOfUtf16() throws IOException {
        JsonNode sample = tree("""
            {"\\u20ac": "Euro Sign", "\\r": "Carriage Return", "\\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
             "\\ud83d\\ude00": "Emoji: Grinning Face", "\\u0080": "Control", "\\u00f6": "Latin Small Letter O With Diaeresis"}
            """);

        assertThat(Json.mapper().readTree(CanonicalJson.write(sample)))
                .extracting(JsonNode::asText)
                .containsExactly(
                        "Carriage Return",
                        "One",
                        "Control",
                        "Latin Small Letter O With Diaeresis",
                        "Euro Sign",
                        "Emoji: Grinning Face",
                        "Hebrew Letter Dalet With Dagesh");
    }

    /** Appendix B of RFC 8785: IEEE 754 bits and how ECMAScript writes them. */
    @ParameterizedTest
    @CsvSource({
        "0000000000000000, 0",
        "8000000000000000, 0",
        "0000000000000001, 5e-324",
        "8000000000000001, -5e-324",
        "7fefffffffffffff, 1.7976931348623157e+308",
        "ffefffffffffffff, -1.7976931348623157e+308",
        "4340000000000000, 9007199254740992",
        "c340000000000000, -9007199254740992",
        "4430000000000000, 295147905179352830000",
        "44b52d02c7e14af5, 9.999999999999997e+22",
        "44b52d02c7e14af6, 1e+23",
        "44b52d02c7e14af7, 1.0000000000000001e+23",
        "444b1ae4d6e2ef4e, 999999999999999700000",
        "444b1ae4d6e2ef4f, 999999999999999900000",
        "444b1ae4d6e2ef50, 1e+21",
        "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
        "3eb0c6f7a0b5ed8d, 0.000001",
        "41b3de4355555553, 333333333.3333332",
        "41b3de4355555554, 333333333.33333325",
        "41b3de4355555555, 333333333.3333333",
        "41b3de4355555556, 333333333.3333334",
        "41b3de4355555557, 333333333.33333343",
        "becbf647612f3696, -0.0000033333333333333333",
        "43143ff3c1cb0959, 1424953923781206.2"
    })
    void numbersAreWrittenAsInAppendixB(String bits, String expected) {
        double value = Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));

        assertThat(CanonicalJson.write(List.of(value))).isEqualTo("[" + expected + "]");
    }

    @Test
    void theOrderOfKeysAndTheSpacesDoNotCount() {
        Gen<ObjectNode> trees = random -> object(random, 3);
        Gen.forAll(500, trees, tree -> {
            JsonNode shuffled = shuffled(tree, new Random(tree.toString().length()));
            assertThat(CanonicalJson.digest(shuffled)).isEqualTo(CanonicalJson.digest(tree));
            assertThat(CanonicalJson.write(shuffled)).isEqualTo(CanonicalJson.write(tree));
        });
    }

    @Test
    void whatIsCanonicalStaysAsItIs() {
        Gen.forAll(200, random -> object(random, 3), tree -> {
            String once = CanonicalJson.write(tree);
            try {
                assertThat(CanonicalJson.write(tree(once))).isEqualTo(once);
            } catch (IOException e) {
                throw new AssertionError(once, e);
            }
        });
    }

    @Test
    void theDigestIsSha256OfTheText() {
        // sha256sum of the two bytes {}
        assertThat(CanonicalJson.digest(Map.of()))
                .isEqualTo("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
                .isEqualTo(CanonicalJson.sha256("{}".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatIsNoJsonIsRefused() {
        assertThatThrownBy(() -> CanonicalJson.write(new Object()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("cannot be written as JSON");
    }

    private static ObjectNode object(Random random, int depth) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (String key : Gen.nastyText().list(0, 4).next(random)) {
            switch (random.nextInt(depth == 0 ? 3 : 5)) {
                case 0 -> object.put(key, Gen.nastyText().next(random));
                case 1 -> object.put(key, random.nextInt());
                case 2 -> object.putNull(key);
                case 3 -> object.set(key, object(random, depth - 1));
                default -> object.putArray(key).add(object(random, depth - 1)).add(random.nextDouble());
            }
        }
        return object;
    }

    private static JsonNode shuffled(JsonNode node, Random random) {
        if (node.isObject()) {
            List<Map.Entry<String, JsonNode>> fields = new ArrayList<>(node.properties());
            Collections.shuffle(fields, random);
            ObjectNode copy = JsonNodeFactory.instance.objectNode();
            fields.forEach(field -> copy.set(field.getKey(), shuffled(field.getValue(), random)));
            return copy;
        }
        if (node.isArray()) {
            var copy = JsonNodeFactory.instance.arrayNode();
            node.forEach(item -> copy.add(shuffled(item, random)));
            return copy;
        }
        return node;
    }

    private static JsonNode tree(String json) throws IOException {
        return Json.mapper().readTree(json);
    }
}
