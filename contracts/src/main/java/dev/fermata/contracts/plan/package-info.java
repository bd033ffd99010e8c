/**
 * The ordered steps that will really run, each with its inverse, and the digest by which people approve them.
 */
@NullMarked
package dev.fermata.contracts.plan;

import org.jspecify.annotations.NullMarked;
