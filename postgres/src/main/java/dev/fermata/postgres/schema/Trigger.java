package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;

/**
 * A trigger that somebody made; not those that foreign keys consist of.
 *
 * @param definition the whole CREATE TRIGGER
 * @param enabled whether it fires in an ordinary session
 */
public record Trigger(
        String name, QualifiedName table, QualifiedName function, boolean row, boolean enabled, String definition) {}
