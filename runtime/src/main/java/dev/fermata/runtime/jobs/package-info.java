/**
 * Long work off the poll loop: a job is accepted with its message, survives its process, and is owned by a lease.
 */
@NullMarked
package dev.fermata.runtime.jobs;

import org.jspecify.annotations.NullMarked;
