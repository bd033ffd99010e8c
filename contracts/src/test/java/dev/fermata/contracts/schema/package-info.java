/** Writes and checks the JSON Schemas and the AsyncAPI document, which follow from the records. */
@NullMarked
package dev.fermata.contracts.schema;

import org.jspecify.annotations.NullMarked;
