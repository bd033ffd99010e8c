package dev.fermata.execution.fault;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.json.Json;

/** What a worker says of itself: one line on its standard output. */
sealed interface Arrival {
    /** It has come to a place and waits there. */
    record At(Place place) implements Arrival {}

    /** It has stopped working. */
    record Ended(End end, String why) implements Arrival {}

    /** How it ended. */
    enum End {
        DONE,
        /** The connection is gone. */
        LOST,
        /** Somebody later has taken over. */
        FENCED,
        FAILED
    }

    /** What the line begins with, so that nothing else is taken for one. */
    String MARK = "worker: ";

    static String line(Arrival arrival) {
        return MARK
                + switch (arrival) {
                    case At at -> "at " + json(at.place());
                    case Ended ended ->
                        "ended " + ended.end() + " " + ended.why().replaceAll("\\s+", " ");
                };
    }

    static Arrival parse(String line) {
        String[] words = line.substring(MARK.length()).split(" ", 3);
        if (words[0].equals("ended")) {
            return new Ended(End.valueOf(words[1]), words[2]);
        }
        try {
            return new At(Json.mapper().readValue(line.substring(MARK.length() + "at ".length()), Place.class));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a worker says '" + line + "'", e);
        }
    }

    private static String json(Place place) {
        try {
            return Json.mapper().writeValueAsString(place);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a place is always JSON", e);
        }
    }
}
