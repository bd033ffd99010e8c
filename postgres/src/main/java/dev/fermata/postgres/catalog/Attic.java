package dev.fermata.postgres.catalog;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Where dropped things rest until they are purged, out of sight of snapshots, schema scripts and checksums: the schema
 * {@value #SCHEMA}, and what has to stay where it is (a column, its indexes, constraints and sequences) under a name that
 * begins with {@value #PREFIX}.
 */
public final class Attic {
    public static final String SCHEMA = "fermata_attic";
    public static final String PREFIX = "fermata_attic_";

    /** NAMEDATALEN - 1 (PostgreSQL documentation, 4.1.1). */
    private static final int LONGEST_NAME = 63;

    private Attic() {}

    /** Whether the name of a schema, column, index and so on says that it rests. */
    public static boolean holds(String name) {
        return name.equals(SCHEMA) || name.startsWith(PREFIX);
    }

    /** The name for something that stays where it is; short enough for the server. */
    public static String resting(String key, String name) {
        return cut(PREFIX + key + "_" + name);
    }

    /** The name for something that moves into the schema. */
    public static String moved(String key, String name) {
        return cut(key + "_" + name);
    }

    /** A name that is too long ends in what tells it from others that begin alike. */
    private static String cut(String name) {
        if (bytes(name) <= LONGEST_NAME) {
            return name;
        }
        String end = String.format(Locale.ROOT, "_%08x", name.hashCode());
        String cut = name;
        while (bytes(cut) + end.length() > LONGEST_NAME) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut + end;
    }

    private static int bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length;
    }
}
