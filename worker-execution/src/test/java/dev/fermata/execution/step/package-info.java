/** Tests of how steps are run, on a real PostgreSQL. */
@NullMarked
package dev.fermata.execution.step;

import org.jspecify.annotations.NullMarked;
