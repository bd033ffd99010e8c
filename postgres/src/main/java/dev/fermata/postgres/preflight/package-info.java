/**
 * How many rows of a target would violate what a change newly demands: the number, never the rows.
 *
 * <p>{@link dev.fermata.postgres.preflight.Preflight} turns the statements of a change and the schema into questions,
 * each with the SQL that counts and the rights that it needs; what cannot be counted is a question too, with its reason.
 * Pure. {@link dev.fermata.postgres.preflight.PreflightReader} asks them on a connection, each in a read-only
 * transaction of its own, bounded in time and in rows.
 */
@NullMarked
package dev.fermata.postgres.preflight;

import org.jspecify.annotations.NullMarked;
