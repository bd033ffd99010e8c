/**
 * The Kafka bus. A batch of records is handled in one transaction of the control database: what was seen before is
 * dropped by the inbox, decisions store state, timers and outgoing messages; then the outbox is published and only then are
 * the offsets committed. Whatever is killed in between is done again and dropped as seen.
 */
@NullMarked
package dev.fermata.runtime.bus;

import org.jspecify.annotations.NullMarked;
