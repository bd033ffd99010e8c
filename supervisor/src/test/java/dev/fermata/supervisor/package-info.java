@NullMarked
package dev.fermata.supervisor;

import org.jspecify.annotations.NullMarked;
