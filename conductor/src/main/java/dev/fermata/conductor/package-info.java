/**
 * The conductor: takes work orders in, publishes them, keeps the read model of everything that happened, and answers REST and
 * SSE. It decides nothing about safety. {@link dev.fermata.conductor.Conductor} is the assembly.
 */
@NullMarked
package dev.fermata.conductor;

import org.jspecify.annotations.NullMarked;
