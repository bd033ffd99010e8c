/**
 * Log keys and W3C trace context.
 */
@NullMarked
package dev.fermata.runtime.telemetry;

import org.jspecify.annotations.NullMarked;
