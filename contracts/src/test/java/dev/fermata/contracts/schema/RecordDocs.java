package dev.fermata.contracts.schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the Javadoc of a record or enum says, so that the schemas say it too. */
record RecordDocs(String summary, Map<String, String> components) {
    private static final Path SOURCES = Path.of("src/main/java");

    static RecordDocs of(Class<?> type) {
        Pattern declaration = Pattern.compile(
                "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*(?:public )?(?:record|enum) " + type.getSimpleName() + "\\b",
                Pattern.DOTALL);
        Matcher found = declaration.matcher(source(type));
        return found.find() ? parse(found.group(1)) : new RecordDocs("", Map.of());
    }

    private static RecordDocs parse(String comment) {
        String text = comment.replaceAll("(?m)^\\s*\\* ?", "").strip();
        String[] parts = text.split("(?m)^\\s*@param ");
        Map<String, String> components = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            String[] words = parts[i].strip().split("\\s+", 2);
            components.put(words[0], plain(words[1]));
        }
        return new RecordDocs(plain(parts[0].split("<p>")[0]), components);
    }

    private static String plain(String javadoc) {
        return javadoc.replaceAll("\\{@(?:code|link) #?([^}]*)}", "$1")
                .replaceAll("\\s+", " ")
                .strip();
    }

    private static String source(Class<?> type) {
        Class<?> outer = type;
        while (outer.getEnclosingClass() != null) {
            outer = outer.getEnclosingClass();
        }
        try {
            return Files.readString(SOURCES.resolve(outer.getName().replace('.', '/') + ".java"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
