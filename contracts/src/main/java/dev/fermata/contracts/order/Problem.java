package dev.fermata.contracts.order;

/**
 * One thing wrong with a document.
 *
 * @param code stable, for programs, such as {@code unknown-key}
 * @param message one line for people: where, what was met, what was expected, what to do
 * @param line 1-based, 0 where the problem is the document as a whole
 * @param column 1-based, in characters; 0 where the problem is the document as a whole
 * @param pointer JSON pointer (RFC 6901) of the value it is about, empty for the document as a whole
 */
public record Problem(String code, String message, int line, int column, String pointer) {}
