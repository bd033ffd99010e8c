package dev.fermata.contracts.order;

import org.jspecify.annotations.Nullable;

/** Who counts as the author of an order, beside what its document says. */
public sealed interface Authorship {

    /** The authenticated caller is the author, whatever the document says. */
    static Authorship caller(String name) {
        return new Caller(name);
    }

    /** The document says who; one that does not is refused. */
    static Authorship document() {
        return new Document(null);
    }

    /** The document says who, and where it does not, this one is meant. */
    static Authorship documentOr(String name) {
        return new Document(name);
    }

    record Caller(String name) implements Authorship {}

    record Document(@Nullable String otherwise) implements Authorship {}
}
