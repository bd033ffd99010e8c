/**
 * Keeps the affected tables before production is touched, restores them elsewhere and compares.
 */
@NullMarked
package dev.fermata.execution.backup;

import org.jspecify.annotations.NullMarked;
