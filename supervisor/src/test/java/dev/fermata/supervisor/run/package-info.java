/** The life of a run, told as sentences, and explored at random. */
@NullMarked
package dev.fermata.supervisor.run;

import org.jspecify.annotations.NullMarked;
