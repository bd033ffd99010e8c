/**
 * The life of a run as a function: state, event and time go in, the next state and what to say come out. Nothing here reads
 * a clock, a database or a topic, so every transition can be tried in a test. {@link dev.fermata.supervisor.run.RunDecider}
 * is the door; one class per stretch of life holds the rules.
 */
@NullMarked
package dev.fermata.supervisor.run;

import org.jspecify.annotations.NullMarked;
