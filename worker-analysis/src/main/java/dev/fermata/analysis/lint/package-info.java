/**
 * Files of SQL to findings: what {@code fermata lint} is made of, without services and, unless one is given, without a
 * database.
 */
@NullMarked
package dev.fermata.analysis.lint;

import org.jspecify.annotations.NullMarked;
