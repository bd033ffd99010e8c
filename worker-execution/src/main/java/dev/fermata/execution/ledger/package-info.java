/**
 * The tables that Fermata keeps in the target, and the fence that lets one worker at a time write. The reason nothing is
 * applied twice.
 */
@NullMarked
package dev.fermata.execution.ledger;

import org.jspecify.annotations.NullMarked;
