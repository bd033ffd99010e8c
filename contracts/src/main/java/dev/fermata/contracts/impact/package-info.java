/**
 * What the analysis worker found out about a change on one particular database.
 */
@NullMarked
package dev.fermata.contracts.impact;

import org.jspecify.annotations.NullMarked;
