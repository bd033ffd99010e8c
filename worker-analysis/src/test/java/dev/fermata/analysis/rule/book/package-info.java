@NullMarked
package dev.fermata.analysis.rule.book;

import org.jspecify.annotations.NullMarked;
