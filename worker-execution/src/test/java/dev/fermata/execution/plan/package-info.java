@NullMarked
package dev.fermata.execution.plan;

import org.jspecify.annotations.NullMarked;
