/**
 * Validation queries and catalog comparison.
 */
@NullMarked
package dev.fermata.execution.verify;

import org.jspecify.annotations.NullMarked;
