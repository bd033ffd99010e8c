package dev.fermata.runtime.telemetry;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code traceparent} header: {@code 00-<trace id>-<span id>-<flags>}. Source: W3C Trace Context, section 3.2.
 */
public final class TraceParent {
    private static final Pattern SHAPE = Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
    private static final int TRACE_END = 35;

    private TraceParent() {}

    /** A new trace. */
    public static String begin() {
        return "00-" + hex() + hex() + "-" + hex() + "-01";
    }

    /** The next hop of the same trace; a new trace where there is none or it is malformed. */
    public static String next(@Nullable String parent) {
        if (parent == null || !SHAPE.matcher(parent).matches()) {
            return begin();
        }
        return parent.substring(0, TRACE_END) + "-" + hex() + parent.substring(parent.length() - 3);
    }

    private static String hex() {
        long value = ThreadLocalRandom.current().nextLong();
        return HexFormat.of().toHexDigits(value == 0 ? 1 : value);
    }
}
