@NullMarked
package dev.fermata.postgres.tree;

import org.jspecify.annotations.NullMarked;
