/** Tests of the conductor through its public doors: REST and topics, on a real broker and a real database. */
@NullMarked
package dev.fermata.conductor;

import org.jspecify.annotations.NullMarked;
