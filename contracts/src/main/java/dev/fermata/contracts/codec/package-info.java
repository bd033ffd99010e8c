/**
 * How messages are written: JSON, canonical JSON (RFC 8785) with its SHA-256 digest, CloudEvents 1.0 in binary mode.
 */
@NullMarked
package dev.fermata.contracts.codec;

import org.jspecify.annotations.NullMarked;
