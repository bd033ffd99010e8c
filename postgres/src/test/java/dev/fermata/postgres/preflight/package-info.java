@NullMarked
package dev.fermata.postgres.preflight;

import org.jspecify.annotations.NullMarked;
