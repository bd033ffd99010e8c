package dev.fermata.contracts;

import java.util.Locale;

/** Enums on the wire are lower case with dashes: {@code AWAITING_APPROVAL} is {@code awaiting-approval}. */
public final class WireEnum {
    private WireEnum() {}

    /** The name that appears in JSON, in the command line and in documents. */
    public static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
