/**
 * A single-node Kafka and a PostgreSQL that run from Maven artefacts alone: no installation, no Docker, no network.
 *
 * <p>Both keep their data in a folder, listen on the loopback address only, and start again on the same folder after
 * {@code kill -9} of everything. They serve the launcher, tests and benchmarks; production has its own.
 */
@NullMarked
package dev.fermata.embedded;

import org.jspecify.annotations.NullMarked;
