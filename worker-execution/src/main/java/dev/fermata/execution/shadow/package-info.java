/**
 * Drafting with the help of the server: the pieces of a change are tried on an empty copy of the target's schema, so that
 * the planner sees what each really does. {@link dev.fermata.execution.shadow.Drafting} is the way in.
 */
@NullMarked
package dev.fermata.execution.shadow;

import org.jspecify.annotations.NullMarked;
