package dev.fermata.execution.plan;

import java.util.Arrays;
import java.util.Optional;

/** A right, with the letter that access control lists have for it (PostgreSQL documentation, 5.8, table 5.1). */
enum Privilege {
    SELECT('r'),
    INSERT('a'),
    UPDATE('w'),
    DELETE('d'),
    TRUNCATE('D'),
    REFERENCES('x'),
    TRIGGER('t'),
    MAINTAIN('m'),
    USAGE('U'),
    CREATE('C'),
    EXECUTE('X');

    private final char letter;

    Privilege(char letter) {
        this.letter = letter;
    }

    static Optional<Privilege> of(char letter) {
        return Arrays.stream(values()).filter(each -> each.letter == letter).findFirst();
    }

    /** @param name in whatever case */
    static Optional<Privilege> named(String name) {
        return Arrays.stream(values())
                .filter(each -> each.name().equalsIgnoreCase(name))
                .findFirst();
    }
}
