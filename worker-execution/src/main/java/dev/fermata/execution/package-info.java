/**
 * The execution worker: does what a directive says and nothing else. {@link dev.fermata.execution.ExecutionWorker} is the
 * assembly, {@code DirectiveJobs} maps each directive to the work; drafting is in {@code plan} (pure), running in
 * {@code step}, what makes it exactly once in {@code ledger}, proving in {@code rehearsal}, {@code backup} and
 * {@code verify}.
 */
@NullMarked
package dev.fermata.execution;

import org.jspecify.annotations.NullMarked;
