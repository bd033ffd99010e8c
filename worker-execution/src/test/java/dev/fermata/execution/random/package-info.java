/** Random schemas and random changes: what the plan leads to, and back, compared with plain SQL. */
@NullMarked
package dev.fermata.execution.random;

import org.jspecify.annotations.NullMarked;
