package dev.fermata.contracts.order;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What a document must be before anybody looks for a format in it: text of a bearable size. */
final class DocumentText {
    private DocumentText() {}

    /** The text without a byte order mark and with {@code \n} as the only line end. */
    static String checked(String text, Problems problems) {
        int bytes = text.length() > WorkOrderFile.MAX_DOCUMENT_BYTES
                ? text.length()
                : text.getBytes(StandardCharsets.UTF_8).length;
        checkSize(bytes, problems);
        String clean = withUnixLineEnds(text);
        int bad = firstNonText(clean);
        if (bad >= 0) {
            throw notText(clean.substring(0, bad), "a NUL or half a character", problems);
        }
        if (clean.isBlank()) {
            problems.add(
                    ProblemCode.EMPTY,
                    Mark.NOWHERE,
                    "the document is empty (expected: a work order); see docs for an example, or start from a"
                            + " template");
            throw problems.exception();
        }
        return clean;
    }

    static String decoded(byte[] bytes, Problems problems) {
        checkSize(bytes.length, problems);
        ByteBuffer left = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(left).toString();
        } catch (CharacterCodingException e) {
            String before = new String(bytes, 0, left.position(), StandardCharsets.UTF_8);
            throw notText(before, "bytes that are no UTF-8", problems);
        }
    }

    static String withUnixLineEnds(String text) {
        String clean = text.startsWith("\uFEFF") ? text.substring(1) : text;
        return clean.replace("\r\n", "\n").replace('\r', '\n');
    }

    /** Index of the first NUL or unpaired surrogate, -1 when there is none. */
    static int firstNonText(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return i;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return i;
            }
        }
        return -1;
    }

    private static void checkSize(int bytes, Problems problems) {
        if (bytes > WorkOrderFile.MAX_DOCUMENT_BYTES) {
            problems.add(
                    ProblemCode.TOO_LARGE,
                    Mark.NOWHERE,
                    "the document has " + bytes + " bytes (at most " + WorkOrderFile.MAX_DOCUMENT_BYTES
                            + "); put the SQL into a file, or split the change into several orders");
            throw problems.exception();
        }
    }

    private static WorkOrderFileException notText(String before, String what, Problems problems) {
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.length() - before.lastIndexOf('\n');
        problems.add(
                ProblemCode.NOT_TEXT,
                new Mark(line, column),
                what + " (expected: text in UTF-8); save the file as UTF-8 text");
        return problems.exception();
    }
}
