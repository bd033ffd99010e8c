/**
 * The rules that Fermata comes with, a class for each family. To add one, write it in the class of its family with an
 * example that fires and one that does not; {@link dev.fermata.analysis.rule.book.RuleBook} collects them.
 */
@NullMarked
package dev.fermata.analysis.rule.book;

import org.jspecify.annotations.NullMarked;
