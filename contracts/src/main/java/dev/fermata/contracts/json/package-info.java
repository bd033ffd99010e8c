/** The one JSON mapper, and canonical JSON (RFC 8785) with its SHA-256 digest. */
@NullMarked
package dev.fermata.contracts.json;

import org.jspecify.annotations.NullMarked;
