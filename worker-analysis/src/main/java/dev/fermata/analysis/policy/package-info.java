/**
 * What a team wants of the rules: a file that switches them, grades them, lets findings pass with a reason, and adds
 * rules of its own. {@link dev.fermata.analysis.policy.PolicyFile} reads it, {@link
 * dev.fermata.analysis.policy.Policy} is applied alike by {@code fermata lint} and by the analysis worker.
 *
 * <p>All that knows the expression language is in {@code Expression} and {@code ExpressionLanguage}: its classes are
 * loaded when a policy has an expression, and not before, since {@code lint} is to be over quickly.
 */
@NullMarked
package dev.fermata.analysis.policy;

import org.jspecify.annotations.NullMarked;
