/**
 * The last word about a run: result, gates with evidence, root cause, next steps.
 */
@NullMarked
package dev.fermata.contracts.outcome;

import org.jspecify.annotations.NullMarked;
