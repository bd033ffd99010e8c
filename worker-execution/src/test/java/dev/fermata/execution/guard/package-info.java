@NullMarked
package dev.fermata.execution.guard;

import org.jspecify.annotations.NullMarked;
