/** What counts as our own change to the catalog. */
@NullMarked
package dev.fermata.execution.verify;

import org.jspecify.annotations.NullMarked;
