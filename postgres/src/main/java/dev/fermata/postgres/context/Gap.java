package dev.fermata.postgres.context;

/**
 * Something that could not be looked at.
 *
 * @param what for people, such as {@code what other sessions are doing}
 * @param remedy what would make it visible, such as a GRANT
 */
public record Gap(String what, String remedy) {}
