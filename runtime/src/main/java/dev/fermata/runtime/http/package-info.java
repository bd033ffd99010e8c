/**
 * The HTTP rim that all services share: health, readiness and metrics.
 */
@NullMarked
package dev.fermata.runtime.http;

import org.jspecify.annotations.NullMarked;
