/** Tests of the ids. */
@NullMarked
package dev.fermata.contracts.id;

import org.jspecify.annotations.NullMarked;
