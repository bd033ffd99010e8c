/**
 * The process manager. {@link dev.fermata.supervisor.Supervisor} is the assembly; what is decided is in {@code run} and
 * {@code policy}, without I/O; the looks at the application are in {@code probe}.
 */
@NullMarked
package dev.fermata.supervisor;

import org.jspecify.annotations.NullMarked;
