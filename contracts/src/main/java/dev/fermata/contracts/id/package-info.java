/**
 * The names of things: ULIDs, work orders and runs. A run is one work order on one target, and its id is what nearly
 * every message is keyed by.
 */
@NullMarked
package dev.fermata.contracts.id;

import org.jspecify.annotations.NullMarked;
