/** Tests of the plan and its digest. */
@NullMarked
package dev.fermata.contracts.plan;

import org.jspecify.annotations.NullMarked;
