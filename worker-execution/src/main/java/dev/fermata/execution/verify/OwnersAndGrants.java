package dev.fermata.execution.verify;

import dev.fermata.postgres.catalog.CatalogSnapshot;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** To whom the objects of a catalog belong, and who may do what with them. */
final class OwnersAndGrants {
    private static final List<String> RELATIONS =
            List.of("table ", "foreign table ", "view ", "materialized view ", "sequence ");
    private static final List<String> ROUTINES = List.of("function ", "procedure ", "aggregate ");

    private OwnersAndGrants() {}

    /** By identity. */
    static SortedMap<String, String> of(CatalogSnapshot catalog) {
        SortedMap<String, String> rights = new TreeMap<>(catalog.definitions());
        rights.keySet().removeIf(identity -> !identity.startsWith("owner of ") && !identity.startsWith("grant on "));
        return rights;
    }

    /** What the object of {@code grant on relation public.orders} may be called itself: a table, a view and so on. */
    static List<String> objectsOf(String identity) {
        String called = identity.substring("owner of ".length()); // "grant on " is as long
        String kind = called.substring(0, called.indexOf(' '));
        String name = called.substring(kind.length() + 1);
        Stream<String> kinds =
                switch (kind) {
                    case "relation" -> RELATIONS.stream();
                    case "function" -> ROUTINES.stream();
                    case "type" -> Stream.of("type ", "domain ");
                    default -> Stream.of(kind + " ");
                };
        return kinds.map(each -> each + name).toList();
    }
}
