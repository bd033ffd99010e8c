/** Puts the impact report together: statements with their locks, tables with their sizes, findings, validation queries. */
@NullMarked
package dev.fermata.analysis.report;

import org.jspecify.annotations.NullMarked;
