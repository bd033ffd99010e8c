/**
 * The life of a run as everybody outside sees it.
 */
@NullMarked
package dev.fermata.contracts.run;

import org.jspecify.annotations.NullMarked;
