@NullMarked
package dev.fermata.execution.backup;

import org.jspecify.annotations.NullMarked;
