@NullMarked
package dev.fermata.analysis.lint;

import org.jspecify.annotations.NullMarked;
