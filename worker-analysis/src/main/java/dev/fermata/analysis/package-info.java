/**
 * The analysis worker: finds out what a change will do to one particular database, and writes nothing there.
 * {@link dev.fermata.analysis.AnalysisWorker} is the assembly; {@code rule} holds what is judged, {@code report} how it is
 * put together.
 */
@NullMarked
package dev.fermata.analysis;

import org.jspecify.annotations.NullMarked;
