@NullMarked
package dev.fermata.postgres.context;

import org.jspecify.annotations.NullMarked;
