/** Tests of the parser: the corpus of odd places a statement can end, hostile input, many threads. */
@NullMarked
package dev.fermata.postgres.parser;

import org.jspecify.annotations.NullMarked;
