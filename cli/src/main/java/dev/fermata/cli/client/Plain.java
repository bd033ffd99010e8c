package dev.fermata.cli.client;

/** Text of strangers, made fit for a terminal: no escape sequences, nothing that moves the cursor or turns text around. */
public final class Plain {
    private Plain() {}

    /** On one line. */
    public static String line(String text) {
        return clean(text.strip().replaceAll("\\s*\\R\\s*", " "));
    }

    /** Line ends stay. */
    public static String lines(String text) {
        return clean(text.replace("\r\n", "\n"));
    }

    private static String clean(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\t') {
                out.append("  ");
            } else if (c == '\n' || isShown(c)) {
                out.appendCodePoint(c);
            } else {
                out.append('\uFFFD');
            }
        });
        return out.toString();
    }

    private static boolean isShown(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** At most so many characters, the last three of a longer one being dots. */
    static String shortened(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 3) + "...";
    }

    /** The first eight hex digits of a digest, enough to tell two apart by eye. */
    static String digest(String digest) {
        return digest.length() > 15 ? digest.substring(0, 15) : digest;
    }
}
