/** Each rule fires on one statement and not on another. */
@NullMarked
package dev.fermata.analysis.rule;

import org.jspecify.annotations.NullMarked;
