/**
 * Which locks a statement takes, whether it rewrites or scans, and whether it can run in a transaction.
 *
 * <p>{@link dev.fermata.postgres.lock.LockModel} turns a parsed statement into a {@link
 * dev.fermata.postgres.lock.StatementProfile}: what the statement alone tells. {@link
 * dev.fermata.postgres.lock.EffectsModel} adds the schema and gives {@link dev.fermata.postgres.lock.Effects}: every
 * table and index by name, with what only the catalog knows decided. Both were measured on PostgreSQL 15, 17 and 18;
 * tests measure them again on a real server. Pure: no database is asked, so whatever neither knows is said to be open
 * ({@link dev.fermata.postgres.lock.Likelihood#DEPENDS}, {@link dev.fermata.postgres.lock.Coverage}), never passed
 * over.
 */
@NullMarked
package dev.fermata.postgres.lock;

import org.jspecify.annotations.NullMarked;
