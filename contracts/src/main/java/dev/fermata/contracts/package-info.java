/**
 * What the parts of Fermata say to each other, as immutable values. No I/O and no framework beyond Jackson's annotations:
 * a program outside the project can depend on this module alone.
 */
@NullMarked
package dev.fermata.contracts;

import org.jspecify.annotations.NullMarked;
