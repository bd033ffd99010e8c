/**
 * The schema of a database as objects that refer to each other: what analysis and planning ask questions of, where
 * {@link dev.fermata.postgres.catalog.CatalogSnapshot} is the text that comparison needs. Immutable, without I/O but
 * for the reader.
 */
@NullMarked
package dev.fermata.postgres.schema;

import org.jspecify.annotations.NullMarked;
