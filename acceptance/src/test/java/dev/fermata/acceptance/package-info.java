/** Whole stories through the public doors: REST, topics, the command line, and the target database itself. */
@NullMarked
package dev.fermata.acceptance;

import org.jspecify.annotations.NullMarked;
