/**
 * What is in a target: its schema, its sizes, its rows.
 *
 * <p>{@link dev.fermata.postgres.catalog.CatalogSnapshot} reads the whole schema as text that compares equal exactly
 * when the schemas are the same, {@link dev.fermata.postgres.catalog.CatalogDiff} says what differs. {@link
 * dev.fermata.postgres.catalog.SchemaScript} and {@link dev.fermata.postgres.catalog.TableCopy} make a clone without
 * pg_dump; {@link dev.fermata.postgres.catalog.ContentChecksum} proves that rows are the same.
 *
 * <p>Everything here takes an open JDBC connection, blocks, and lets {@link java.sql.SQLException} through: the caller
 * knows what was attempted and translates it. Works with PostgreSQL 15 to 18. None of it may see system schemas, what
 * belongs to extensions, or Fermata's own schemas.
 */
@NullMarked
package dev.fermata.postgres.catalog;

import org.jspecify.annotations.NullMarked;
