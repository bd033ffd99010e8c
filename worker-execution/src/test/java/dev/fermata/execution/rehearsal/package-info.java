/** Tests of the rehearsal, on clones of real databases. */
@NullMarked
package dev.fermata.execution.rehearsal;

import org.jspecify.annotations.NullMarked;
