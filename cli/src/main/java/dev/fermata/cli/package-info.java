/** The {@code fermata} command: {@link dev.fermata.cli.Main} and what is below it. */
@NullMarked
package dev.fermata.cli;

import org.jspecify.annotations.NullMarked;
