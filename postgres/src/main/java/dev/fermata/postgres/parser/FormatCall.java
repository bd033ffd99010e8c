package dev.fermata.postgres.parser;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code format('ALTER TABLE %I ADD %s', 'Orders', 'a int')} as the server computes it. Used once. */
final class FormatCall {
    private static final int MAX_WIDTH = 10_000;
    private static final int MAX_LENGTH = SqlParser.DEFAULT_MAX_BYTES;

    /** Position, flag and width, as far as they are written out; {@code *} takes the width from an argument. */
    private static final Pattern SPECIFIER =
            Pattern.compile("%(?:(?<position>\\d{1,4})\\$)?(?<left>-*)(?<width>\\d{1,5})?(?<type>[sIL%])");

    /** @param isNull then the text is of no account */
    record Argument(SourceText text, boolean isNull) {}

    private final SourceText format;
    private final List<Argument> arguments;
    private final SourceText.Builder result = new SourceText.Builder();
    private int next = 1;

    /** @param arguments the format itself is the first */
    FormatCall(List<Argument> arguments) {
        this.format = arguments.getFirst().text();
        this.arguments = arguments;
    }

    /** Empty where the server would refuse it, and for widths that come as arguments. */
    Optional<SourceText> result() {
        Matcher specifier = SPECIFIER.matcher(format.text());
        int at = 0;
        while (at < format.length()) {
            char c = format.text().charAt(at);
            if (c != '%') {
                result.append(c, format.origin(at));
                at++;
            } else if (specifier.find(at) && specifier.start() == at && insert(specifier, format.origin(at))) {
                at = specifier.end();
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(result.build());
    }

    private boolean insert(Matcher specifier, int origin) {
        if (specifier.group("type").equals("%")) {
            result.append('%', origin);
            return true;
        }
        String position = specifier.group("position");
        int number = position == null ? next : Integer.parseInt(position);
        next = number + 1;
        if (number < 1 || number >= arguments.size()) {
            return false;
        }
        Argument argument = arguments.get(number);
        if (argument.isNull() && specifier.group("type").equals("I")) {
            return false;
        }
        String written = written(argument, specifier.group("type"));
        int width = specifier.group("width") == null ? 0 : Integer.parseInt(specifier.group("width"));
        if (width > MAX_WIDTH || result.length() + written.length() + width > MAX_LENGTH) {
            return false;
        }
        String padding = " ".repeat(Math.max(0, width - written.codePointCount(0, written.length())));
        result.append(specifier.group("left").isEmpty() ? padding + written : written + padding, origin);
        return true;
    }

    private static String written(Argument argument, String type) {
        String text = argument.text().text();
        if (argument.isNull()) {
            return type.equals("L") ? "NULL" : "";
        }
        return switch (type) {
            case "I" -> QualifiedName.quote(text);
            case "L" ->
                (text.contains("\\") ? "E'" : "'") + text.replace("\\", "\\\\").replace("'", "''") + "'";
            default -> text;
        };
    }
}
