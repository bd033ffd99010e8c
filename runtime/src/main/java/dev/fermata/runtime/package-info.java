/**
 * What every service needs, and nothing that only one needs: configuration, the Kafka bus with inbox and outbox, durable
 * jobs, the control store, health and metrics. {@link dev.fermata.runtime.ServiceRuntime} is the parts list.
 */
@NullMarked
package dev.fermata.runtime;

import org.jspecify.annotations.NullMarked;
