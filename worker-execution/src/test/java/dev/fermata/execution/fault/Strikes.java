package dev.fermata.execution.fault;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which fault comes at which place. Each place is struck once: whoever goes on has to get past it. */
@FunctionalInterface
interface Strikes {
    /** Called each time that somebody comes to a place. */
    Optional<Fault> at(Place place);

    static Strikes none() {
        return place -> Optional.empty();
    }

    static Strikes everywhere(Fault fault) {
        Set<Place> struck = new HashSet<>();
        return place -> struck.add(place) ? Optional.of(fault) : Optional.empty();
    }

    static Strikes at(Map<Place, Fault> places) {
        Map<Place, Fault> left = new HashMap<>(places);
        return place -> Optional.ofNullable(left.remove(place));
    }
}
