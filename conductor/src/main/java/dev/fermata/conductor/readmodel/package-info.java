/** What everybody outside sees of orders and runs, kept in the control database from the messages on the topics. */
@NullMarked
package dev.fermata.conductor.readmodel;

import org.jspecify.annotations.NullMarked;
