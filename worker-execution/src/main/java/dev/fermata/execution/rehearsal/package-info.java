/**
 * Proves a plan on a clone: forward, validate, back, compare, forward again.
 */
@NullMarked
package dev.fermata.execution.rehearsal;

import org.jspecify.annotations.NullMarked;
