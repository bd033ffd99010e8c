/**
 * Rules: each looks at one statement, at what it does, and at the tables as they are, and says what it finds. Pure. A new
 * rule is a class here and a line in {@link dev.fermata.analysis.rule.Rules}.
 */
@NullMarked
package dev.fermata.analysis.rule;

import org.jspecify.annotations.NullMarked;
