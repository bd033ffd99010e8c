/**
 * Rules and what they are led over: each looks at one statement, at what it does, at what came before it in the same
 * change, and where there is one at the database. Pure. The rules themselves are in {@code book}.
 */
@NullMarked
package dev.fermata.analysis.rule;

import org.jspecify.annotations.NullMarked;
