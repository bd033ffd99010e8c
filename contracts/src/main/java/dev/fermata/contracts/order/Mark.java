package dev.fermata.contracts.order;

/** A place in the document, 1-based. */
record Mark(int line, int column) {
    /** The document as a whole. */
    static final Mark NOWHERE = new Mark(0, 0);
}
