package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;

/**
 * A row security policy.
 *
 * @param expressions USING and WITH CHECK, as the server prints them
 */
public record Policy(String name, QualifiedName table, String command, String expressions) {}
