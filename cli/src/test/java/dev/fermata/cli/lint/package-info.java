@NullMarked
package dev.fermata.cli.lint;

import org.jspecify.annotations.NullMarked;
