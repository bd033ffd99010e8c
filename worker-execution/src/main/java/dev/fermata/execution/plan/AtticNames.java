package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.Attic;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What things are called once they have moved into the attic. All schemas rest in one there: where a piece moves two that
 * are called alike, each has its own schema in its name.
 */
final class AtticNames {
    /** Tables, their indexes and types share their names, as each table has a type. */
    private static final Set<String> MOVED =
            Set.of("table", "sequence", "index", "type", "domain", "function", "procedure", "aggregate");

    private final String key;
    private final Map<Place, String> withSchema = new HashMap<>();

    /** @param arguments of a function, in brackets: others may be called alike; empty for anything else */
    private record Place(String schema, String name, String arguments) implements Comparable<Place> {
        private static final Comparator<Place> ORDER = Comparator.comparing(Place::name)
                .thenComparing(Place::arguments)
                .thenComparing(Place::schema);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }

        static Place of(ObjectName name) {
            return new Place(name.schema(), name.name(), name.arguments());
        }

        /** The same in no schema. */
        Place called(String other) {
            return new Place("", other, arguments);
        }

        Place in(String other) {
            return new Place(other, name, arguments);
        }
    }

    private AtticNames(String key, Collection<ObjectName> names) {
        this.key = key;
        Map<Place, SortedSet<String>> schemas = new TreeMap<>(); // sorted, so that the same names come out each time
        names.stream()
                .filter(name -> MOVED.contains(name.kind()) && name.parts().size() == 2)
                .map(Place::of)
                .forEach(place -> schemas.computeIfAbsent(place.called(place.name()), none -> new TreeSet<>())
                        .add(place.schema()));
        Set<Place> taken = new HashSet<>();
        schemas.entrySet().stream()
                .filter(each -> each.getValue().size() == 1)
                .forEach(each -> taken.add(each.getKey()));
        schemas.entrySet().stream().filter(each -> each.getValue().size() > 1).forEach(each -> each.getValue()
                .forEach(schema -> name(each.getKey().in(schema), taken)));
    }

    private void name(Place place, Set<Place> taken) {
        String first = place.schema() + "_" + place.name();
        String name = first;
        for (int i = 2; !taken.add(place.called(name)); i++) {
            name = first + "_" + i;
        }
        withSchema.put(place, name);
    }

    /** @param identities of what a piece moves, and maybe of more */
    static AtticNames of(String key, Collection<String> identities) {
        return new AtticNames(key, identities.stream().map(ObjectName::of).toList());
    }

    /** For the way back of a piece: what it has made moves. */
    static AtticNames ofNew(Scene scene) {
        return of(scene.key(), scene.diff().added().keySet());
    }

    /** Of a function, procedure, sequence or type. */
    String moved(ObjectName name) {
        return Attic.moved(key, withSchema.getOrDefault(Place.of(name), name.name()));
    }

    /** Of a table, or an index or sequence that goes with one. */
    String moved(String schema, String name) {
        return Attic.moved(key, withSchema.getOrDefault(new Place(schema, name, ""), name));
    }
}
