package dev.fermata.postgres.parser;

import java.util.Optional;

/**
 * A string constant and its value, each character with its place. Bytes above 127 written as {@code \x} or octal escapes,
 * and {@code U&''} strings, are left to the grammar: then only the constant as a whole has a place.
 *
 * @param start offset of the constant, with its quotes
 * @param end offset after it
 */
record StringConstant(int start, int end, SourceText value) {

    /**
     * The first one at or after {@code from}, if there is one.
     *
     * @param expected its value by the grammar, so that what is read here can never differ from what runs
     */
    static Optional<StringConstant> at(SourceText source, int from, String expected) {
        Lexer lexer = new Lexer(source.text(), Math.max(0, from), source.length());
        while (lexer.next()) {
            if (lexer.kind() == Token.Kind.STRING) {
                SourceText read = new Decoder(source.slice(lexer.start(), lexer.end())).read();
                return Optional.of(new StringConstant(
                        lexer.start(),
                        lexer.end(),
                        read.text().equals(expected) ? read : SourceText.at(expected, source.origin(lexer.start()))));
            }
        }
        return Optional.empty();
    }

    /** Used once. */
    private static final class Decoder {
        private final SourceText source;
        private final SourceText.Builder value = new SourceText.Builder();
        private int at;
        private boolean understood = true;

        Decoder(SourceText source) {
            this.source = source;
        }

        SourceText read() {
            String text = source.text();
            if (text.startsWith("$")) {
                int tag = text.indexOf('$', 1) + 1;
                return source.slice(tag, Math.max(tag, text.length() - tag));
            }
            boolean escapes = text.startsWith("E") || text.startsWith("e");
            at = text.indexOf('\'') + 1;
            while (at < text.length() && understood) {
                one(text, escapes);
            }
            return value.build();
        }

        private void one(String text, boolean escapes) {
            char c = text.charAt(at);
            if (c == '\'') {
                if (at + 1 < text.length() && text.charAt(at + 1) == '\'') {
                    value.append('\'', source.origin(at));
                    at += 2;
                    return;
                }
                // 'a' <newline> 'b' is one constant; only blanks and comments stand between the parts.
                int next = text.indexOf('\'', at + 1);
                at = next < 0 ? text.length() : next + 1;
            } else if (escapes && c == '\\' && at + 1 < text.length()) {
                escape(text);
            } else {
                value.append(c, source.origin(at));
                at++;
            }
        }

        private void escape(String text) {
            int origin = source.origin(at);
            char c = text.charAt(at + 1);
            at += 2;
            switch (c) {
                case 'n' -> value.append('\n', origin);
                case 't' -> value.append('\t', origin);
                case 'r' -> value.append('\r', origin);
                case 'b' -> value.append('\b', origin);
                case 'f' -> value.append('\f', origin);
                case 'x' -> number(text, 16, 2, origin);
                case 'u' -> number(text, 16, 4, origin);
                case 'U' -> number(text, 16, 8, origin);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                    at--;
                    number(text, 8, 3, origin);
                }
                default -> value.append(c, origin);
            }
        }

        private void number(String text, int radix, int digits, int origin) {
            int code = 0;
            int end = Math.min(text.length(), at + digits);
            int start = at;
            while (at < end && Character.digit(text.charAt(at), radix) >= 0) {
                code = code * radix + Character.digit(text.charAt(at), radix);
                at++;
            }
            boolean byteOfMany = digits < 4 && code > 127;
            understood = at > start && !byteOfMany && Character.isValidCodePoint(code);
            if (understood) {
                value.append(Character.toString(code), origin);
            }
        }
    }
}
