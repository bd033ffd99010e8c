/**
 * Targets: the databases that Fermata changes, and the sessions it opens on them.
 *
 * <p>{@link dev.fermata.postgres.targets.TargetDatabase} opens a connection with the settings that keep a target safe
 * from us: limits on waiting, running and idling, and a server that notices when we are gone. What a target answers is
 * sorted once, here, into {@link dev.fermata.postgres.targets.Trouble}, and put into words that hold neither row data
 * nor credentials ({@link dev.fermata.postgres.targets.SafeMessage}).
 */
@NullMarked
package dev.fermata.postgres.targets;

import org.jspecify.annotations.NullMarked;
