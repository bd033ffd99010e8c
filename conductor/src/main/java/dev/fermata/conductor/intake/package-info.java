/** From a posted document to an issued order: parsing, the target registry, idempotency keys. */
@NullMarked
package dev.fermata.conductor.intake;

import org.jspecify.annotations.NullMarked;
