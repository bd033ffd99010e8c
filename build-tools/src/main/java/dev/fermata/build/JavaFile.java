package dev.fermata.build;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A file as it is and as it should be.
 *
 * @param reason why it cannot be laid out, or empty
 */
record JavaFile(Path path, String text, String laidOut, String reason) {
    private static final Pattern WILDCARD_IMPORT = Pattern.compile("^import [^;]*\\*;", Pattern.MULTILINE);

    static JavaFile read(Path path) {
        String text;
        try {
            text = Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException("'" + path + "' cannot be read", e);
        }
        try {
            return new JavaFile(path, text, formatter().formatSourceAndFixImports(text.replace("\r\n", "\n")), "");
        } catch (FormatterException e) {
            return new JavaFile(path, text, text, String.valueOf(e.getMessage()));
        }
    }

    private static Formatter formatter() {
        return Formatter.createFormatter(JavaFormatterOptions.builder()
                .style(JavaFormatterOptions.Style.PALANTIR)
                .build());
    }

    boolean isDifferent() {
        return !text.equals(laidOut);
    }

    boolean isBroken() {
        return !reason.isEmpty();
    }

    boolean hasWildcardImport() {
        return WILDCARD_IMPORT.matcher(text).find();
    }
}
