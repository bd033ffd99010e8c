package dev.fermata.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.fermata.contracts.json.Json;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code -o}: the form in which data is printed. */
final class OutputOption {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES));

    /** In which form. */
    enum Format {
        TABLE,
        JSON,
        JSONL,
        YAML,
        ID
    }

    /** Lower case, as everywhere else. */
    static final class Converter implements ITypeConverter<Format> {
        @Override
        public Format convert(String text) {
            for (Format format : Format.values()) {
                if (format.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return format;
                }
            }
            throw new TypeConversionException("'" + text + "' (expected: table, json, jsonl, yaml or id)");
        }
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            converter = Converter.class,
            description = "table (default), json, jsonl, yaml or id.")
    private Format format = Format.TABLE;

    Format format() {
        return format;
    }

    /** Prints several things; {@code table} is asked only where a table is wanted. */
    void list(PrintWriter out, Collection<JsonNode> items, Function<JsonNode, String> id, Supplier<String> table) {
        switch (format) {
            case TABLE -> out.println(table.get());
            case JSON ->
                out.println(Json.mapper().createArrayNode().addAll(items).toPrettyString());
            case YAML -> out.print(yaml(Json.mapper().createArrayNode().addAll(items)));
            case JSONL -> items.forEach(item -> out.println(item.toString()));
            case ID -> items.forEach(item -> out.println(id.apply(item)));
        }
        out.flush();
    }

    /** Prints one thing. */
    void one(PrintWriter out, JsonNode item, String id, Supplier<String> page) {
        switch (format) {
            case TABLE -> out.println(page.get());
            case JSON -> out.println(item.toPrettyString());
            case YAML -> out.print(yaml(item));
            case JSONL -> out.println(item.toString());
            case ID -> out.println(id);
        }
        out.flush();
    }

    private static String yaml(JsonNode node) {
        try {
            return YAML.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("JSON is always YAML", e);
        }
    }
}
