/** Tests of how messages are written. */
@NullMarked
package dev.fermata.contracts.codec;

import org.jspecify.annotations.NullMarked;
