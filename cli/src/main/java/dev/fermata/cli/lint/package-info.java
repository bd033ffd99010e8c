/**
 * {@code fermata lint}: files in, findings out, for people, programs and code hosts.
 */
@NullMarked
package dev.fermata.cli.lint;

import org.jspecify.annotations.NullMarked;
