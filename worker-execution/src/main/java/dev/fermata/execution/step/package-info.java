/**
 * Runs steps, forward and back, so that each takes effect exactly once whatever is cut off in between.
 */
@NullMarked
package dev.fermata.execution.step;

import org.jspecify.annotations.NullMarked;
