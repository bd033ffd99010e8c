package dev.fermata.postgres.parser;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Positions in one text: PostgreSQL counts UTF-8 bytes (nodes) and code points (errors), Java counts UTF-16 units,
 * people count lines and columns. Immutable; building it costs one pass, and four bytes per byte of text unless that is
 * ASCII.
 */
final class Positions {
    private final String text;
    private final byte[] utf8;
    private final boolean ascii;
    private final int[] utf16OfByte;
    private final int[] lineStarts;

    Positions(String text) {
        this.text = text;
        this.utf8 = text.getBytes(StandardCharsets.UTF_8);
        this.ascii = utf8.length == text.length();
        this.utf16OfByte = ascii ? new int[0] : utf16OfByte(utf8);
        this.lineStarts = lineStarts(text);
    }

    String text() {
        return text;
    }

    /** The text as the parser wants it; shared, not to be changed. */
    byte[] utf8() {
        return utf8;
    }

    int ofByte(int offset) {
        return ascii ? Math.min(offset, text.length()) : utf16OfByte[Math.min(offset, utf8.length)];
    }

    int ofCodePoint(int number) {
        int last = ascii ? text.length() : text.codePointCount(0, text.length());
        return text.offsetByCodePoints(0, Math.min(number, last));
    }

    /** From 1. */
    int line(int offset) {
        int found = Arrays.binarySearch(lineStarts, offset);
        return found >= 0 ? found + 1 : -found - 1;
    }

    /** From 1, in UTF-16 units. */
    int column(int offset) {
        return offset - lineStarts[line(offset) - 1] + 1;
    }

    /** Offset of the first character of a line, from 1; of the nearest line for a number beyond. */
    int start(int line) {
        return lineStarts[Math.clamp(line, 1, lineStarts.length) - 1];
    }

    private static int[] utf16OfByte(byte[] utf8) {
        int[] offsets = new int[utf8.length + 1];
        int units = 0;
        for (int i = 0; i < utf8.length; i++) {
            int b = utf8[i] & 0xff;
            offsets[i] = units;
            boolean continuation = (b & 0xc0) == 0x80;
            if (!continuation) {
                units += b >= 0xf0 ? 2 : 1;
            }
        }
        offsets[utf8.length] = units;
        return offsets;
    }

    private static int[] lineStarts(String text) {
        int[] starts = new int[16];
        int count = 1;
        for (int i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, 2 * count);
            }
            starts[count++] = i + 1;
        }
        return Arrays.copyOf(starts, count);
    }
}
