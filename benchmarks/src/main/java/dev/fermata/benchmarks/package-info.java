/** Benchmarks of the whole: each prints a ratio against a reference that is measured in the same run. */
@NullMarked
package dev.fermata.benchmarks;

import org.jspecify.annotations.NullMarked;
