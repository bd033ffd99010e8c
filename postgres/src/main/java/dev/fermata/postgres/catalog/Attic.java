package dev.fermata.postgres.catalog;

import java.nio.charset.StandardCharsets;

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

    /** The name for something that stays where it is; cut where the server would cut it. */
    public static String resting(String key, String name) {
        return cut(PREFIX + key + "_" + name);
    }

    /** The name for something that moves into the schema. */
    public static String moved(String key, String name) {
        return cut(key + "_" + name);
    }

    private static String cut(String name) {
        String cut = name;
        while (cut.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }
}
