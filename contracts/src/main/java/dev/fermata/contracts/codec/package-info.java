/** How messages are written: CloudEvents 1.0 in the binary mode of the Kafka binding. */
@NullMarked
package dev.fermata.contracts.codec;

import org.jspecify.annotations.NullMarked;
