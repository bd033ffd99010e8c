@NullMarked
package dev.fermata.runtime.store;

import org.jspecify.annotations.NullMarked;
