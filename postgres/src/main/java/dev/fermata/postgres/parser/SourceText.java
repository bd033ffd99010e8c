package dev.fermata.postgres.parser;

import java.util.Arrays;

/**
 * Text that was taken out of a statement, character by character with its place there: through quotes, escapes and what
 * EXECUTE puts together. Immutable.
 */
final class SourceText {
    private final String text;
    private final int[] origins;
    private final int first;

    /** @param origins of the characters from {@code first} on and of the end; none where all follow on from first */
    private SourceText(String text, int[] origins, int first) {
        this.text = text;
        this.origins = origins;
        this.first = first;
    }

    /** All of a statement's text. */
    static SourceText of(String statement) {
        return new SourceText(statement, new int[0], 0);
    }

    /** Text that stands nowhere: all of it is placed at one offset. */
    static SourceText at(String text, int origin) {
        return new Builder().append(text, origin).build();
    }

    String text() {
        return text;
    }

    int length() {
        return text.length();
    }

    /** Where the character stands in the statement; for the length, where the text ends. */
    int origin(int offset) {
        return origins.length == 0 ? first + offset : origins[first + offset];
    }

    SourceText slice(int from, int to) {
        return new SourceText(text.substring(from, to), origins, first + from);
    }

    /** Puts texts together. Not thread-safe. */
    static final class Builder {
        private final StringBuilder text = new StringBuilder();
        private int[] origins = new int[64];
        private int end;

        Builder append(CharSequence characters, int origin) {
            characters.chars().forEach(c -> append((char) c, origin));
            return this;
        }

        Builder append(char character, int origin) {
            if (text.length() + 1 >= origins.length) {
                origins = Arrays.copyOf(origins, 2 * origins.length);
            }
            origins[text.length()] = origin;
            text.append(character);
            end = origin + 1;
            return this;
        }

        Builder append(SourceText source) {
            for (int i = 0; i < source.length(); i++) {
                append(source.text.charAt(i), source.origin(i));
            }
            return this;
        }

        int length() {
            return text.length();
        }

        SourceText build() {
            origins[text.length()] = end;
            return new SourceText(text.toString(), Arrays.copyOf(origins, text.length() + 1), 0);
        }
    }
}
