/** Looks at the application of runs that are about to change, changing or just changed, by SQL and HTTP probes. */
@NullMarked
package dev.fermata.supervisor.probe;

import org.jspecify.annotations.NullMarked;
