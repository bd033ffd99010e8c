/** Tests of the work order file; its corpus is in {@code src/test/resources/orders}. */
@NullMarked
package dev.fermata.contracts.order;

import org.jspecify.annotations.NullMarked;
