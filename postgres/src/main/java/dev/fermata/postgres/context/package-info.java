/**
 * What a database is like and what is going on on it right now: settings, open transactions with their locks, backups,
 * vacuums, standbys, replication slots. Read only, from the catalog and the statistics; what the role may not see is
 * listed as such.
 */
@NullMarked
package dev.fermata.postgres.context;

import org.jspecify.annotations.NullMarked;
