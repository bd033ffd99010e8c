/** Tests of the messages as a whole: types, topics, keys, names on the wire. */
@NullMarked
package dev.fermata.contracts.message;

import org.jspecify.annotations.NullMarked;
