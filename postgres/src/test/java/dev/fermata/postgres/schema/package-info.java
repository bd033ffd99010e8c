@NullMarked
package dev.fermata.postgres.schema;

import org.jspecify.annotations.NullMarked;
