/** How long statements will take and how much they will write: a model of their work, corrected by what earlier orders took. */
@NullMarked
package dev.fermata.analysis.estimate;

import org.jspecify.annotations.NullMarked;
