package dev.fermata.analysis.lint;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Bytes of a file to text, or the reason why they are none. */
final class SqlFile {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private SqlFile() {}

    /**
     * The text without a byte order mark.
     *
     * @throws NotTextException with a message for the author
     */
    static String text(byte[] bytes) throws NotTextException {
        if (startsWith(bytes, 0xFF, 0xFE) || startsWith(bytes, 0xFE, 0xFF)) {
            throw new NotTextException(
                    "the file is UTF-16 (expected: UTF-8): save it as UTF-8, or convert it with iconv -f UTF-16 -t"
                            + " UTF-8",
                    0);
        }
        int nul = indexOfNul(bytes);
        if (nul >= 0) {
            throw new NotTextException(
                    looksLikeUtf16(bytes)
                            ? "the file looks like UTF-16 (expected: UTF-8): save it as UTF-8"
                            : "the file holds a NUL byte, so it is no text (expected: SQL as UTF-8)",
                    lineOf(bytes, nul));
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new NotTextException(
                    "the file is not UTF-8: save it as UTF-8, or convert it with iconv -t UTF-8", firstBadLine(bytes));
        }
    }

    /** Why, and on which line, from 1; 0 where no line is to blame. */
    static final class NotTextException extends Exception {
        private static final long serialVersionUID = 1L;
        private final int line;

        NotTextException(String message, int line) {
            super(message);
            this.line = line;
        }

        int line() {
            return line;
        }
    }

    private static boolean startsWith(byte[] bytes, int first, int second) {
        return bytes.length >= 2 && (bytes[0] & 0xFF) == first && (bytes[1] & 0xFF) == second;
    }

    private static int indexOfNul(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    /** ASCII in UTF-16 has a NUL in every second byte. */
    private static boolean looksLikeUtf16(byte[] bytes) {
        int seen = Math.min(bytes.length, 200);
        int nuls = 0;
        for (int i = 0; i < seen; i++) {
            nuls += bytes[i] == 0 ? 1 : 0;
        }
        return nuls * 5 > seen * 2 && nuls * 5 < seen * 3;
    }

    private static int lineOf(byte[] bytes, int end) {
        int line = 1;
        for (int i = 0; i < end; i++) {
            line += bytes[i] == '\n' ? 1 : 0;
        }
        return line;
    }

    private static int firstBadLine(byte[] bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        decoder.decode(in, CharBuffer.allocate(bytes.length + 1), true);
        return lineOf(bytes, in.position());
    }
}
