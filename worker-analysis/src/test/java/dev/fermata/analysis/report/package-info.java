@NullMarked
package dev.fermata.analysis.report;

import org.jspecify.annotations.NullMarked;
