/**
 * Which locks a statement takes, whether it rewrites or scans, and whether it can run in a transaction, as far as the
 * statement alone tells.
 *
 * <p>{@link dev.fermata.postgres.lock.LockModel} turns a parsed statement into a {@link
 * dev.fermata.postgres.lock.StatementProfile}. The tables behind it were measured on PostgreSQL 15, 17 and 18; tests
 * measure them again on a real server. Pure: no database is asked, so whatever only the catalog knows is said to be
 * open ({@link dev.fermata.postgres.lock.Likelihood#DEPENDS}, {@link dev.fermata.postgres.lock.Coverage}), never passed
 * over.
 */
@NullMarked
package dev.fermata.postgres.lock;

import org.jspecify.annotations.NullMarked;
