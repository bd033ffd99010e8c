package dev.fermata.contracts.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.erdtman.jcs.JsonCanonicalizer;

/** JSON in the one form that RFC 8785 (JCS) allows, so that equal values have equal bytes and equal digests. */
public final class CanonicalJson {
    private CanonicalJson() {}

    /** The canonical text of any value that {@link Json} can write. */
    public static String write(Object value) {
        try {
            return new JsonCanonicalizer(Json.mapper().writeValueAsString(value)).getEncodedString();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code sha256:} and 64 lower case hex digits over the UTF-8 bytes of the canonical text. */
    public static String digest(Object value) {
        return sha256(write(value).getBytes(StandardCharsets.UTF_8));
    }

    /** {@code sha256:} and 64 lower case hex digits over the bytes. */
    public static String sha256(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
