/**
 * From the author's SQL and the catalog to the steps that will run, each with its inverse. Pure: the same input gives the
 * same plan and so the same digest.
 */
@NullMarked
package dev.fermata.execution.plan;

import org.jspecify.annotations.NullMarked;
