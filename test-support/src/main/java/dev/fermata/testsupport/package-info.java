/**
 * What tests of several modules share: a real broker and a real PostgreSQL, one of each per JVM, and properties with
 * seeds.
 *
 * <p>The servers run in Docker where it answers and embedded elsewhere; tests cannot tell which. Each test takes its
 * own database ({@link dev.fermata.testsupport.RealPostgres#newDatabase}) and its own topic prefix
 * ({@link dev.fermata.testsupport.RealKafka#newPrefix}).
 */
@NullMarked
package dev.fermata.testsupport;

import org.jspecify.annotations.NullMarked;
