@NullMarked
package dev.fermata.analysis;

import org.jspecify.annotations.NullMarked;
