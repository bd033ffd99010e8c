/**
 * The query guard: what a change does to the queries that the target runs most, by their plans on the clone before and after.
 */
@NullMarked
package dev.fermata.execution.guard;

import org.jspecify.annotations.NullMarked;
