/**
 * The commands that talk to a running conductor, and {@code doctor} and {@code target check}, which look for what is wrong
 * from here. Standard output carries data only; hints, progress and errors go to standard error.
 */
@NullMarked
package dev.fermata.cli.client;

import org.jspecify.annotations.NullMarked;
