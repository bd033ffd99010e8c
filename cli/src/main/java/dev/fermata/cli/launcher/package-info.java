/**
 * Starts things: all services in one process on an embedded broker and database ({@code up}), one service ({@code run}), and
 * the demonstration.
 */
@NullMarked
package dev.fermata.cli.launcher;

import org.jspecify.annotations.NullMarked;
