package dev.fermata.contracts;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Who did something.
 *
 * @param name an account such as {@code ada@example.org}, or {@code policy:default}
 */
public record Actor(String name, Kind kind) {
    public Actor {
        Fields.text(name, "actor.name");
        Fields.required(kind, "actor.kind");
    }

    public static Actor person(String name) {
        return new Actor(name, Kind.PERSON);
    }

    public static Actor policy(String name) {
        return new Actor("policy:" + name, Kind.POLICY);
    }

    /** What kind of being acts; a program never counts as a person. */
    public enum Kind {
        PERSON,
        PROGRAM,
        POLICY;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }
}
