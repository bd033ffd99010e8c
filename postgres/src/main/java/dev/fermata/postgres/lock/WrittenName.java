package dev.fermata.postgres.lock;

import dev.fermata.postgres.catalog.QualifiedName;

/**
 * The name of a relation as the statement has it; without a schema, the search path decides.
 *
 * @param schema empty if none was written
 */
public record WrittenName(String schema, String name) {

    public boolean hasSchema() {
        return !schema.isEmpty();
    }

    /** @param defaultSchema where a name without schema is taken to be */
    public QualifiedName in(String defaultSchema) {
        return new QualifiedName(hasSchema() ? schema : defaultSchema, name);
    }

    /** Quoted as SQL wants it. */
    @Override
    public String toString() {
        return (hasSchema() ? QualifiedName.quote(schema) + "." : "") + QualifiedName.quote(name);
    }
}
