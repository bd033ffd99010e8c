/** Tests of the shared values, and the seeded generator that properties use. */
@NullMarked
package dev.fermata.contracts;

import org.jspecify.annotations.NullMarked;
