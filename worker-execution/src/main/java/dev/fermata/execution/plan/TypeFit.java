package dev.fermata.execution.plan;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which values of one type another one holds, without any being changed. */
final class TypeFit {
    private static final Map<String, List<String>> HOLDS = Map.of(
            "smallint", List.of("integer", "bigint", "numeric", "text"),
            "integer", List.of("bigint", "numeric", "text"),
            "bigint", List.of("numeric", "text"),
            "real", List.of("double precision"),
            "boolean", List.of(),
            "uuid", List.of("text"),
            "date", List.of());

    private static final Set<String> INTEGERS = Set.of("smallint", "integer", "bigint");

    private TypeFit() {}

    /** Whether every value of the first converts to the second and back to itself. */
    static boolean isWider(String from, String to) {
        String base = from.replaceFirst("\\(.*", "");
        boolean text = base.equals("character varying") || base.equals("text");
        return text ? to.equals("text") : HOLDS.getOrDefault(base, List.of()).contains(to);
    }

    /** Whether values of the first that are not equal, and that the second holds, are not equal there either. */
    static boolean staysApart(String from, String to) {
        return isWider(from, to) || (INTEGERS.contains(from) && INTEGERS.contains(to));
    }

    /** Whether whatever is written into the new type can go back to the old one. */
    static boolean everyNewValueFitsTheOld(String old, String wanted) {
        return isWider(wanted, old);
    }
}
