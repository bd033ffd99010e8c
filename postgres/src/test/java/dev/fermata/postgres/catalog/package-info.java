/** Tests of the catalog on a real server: what a snapshot sees, what a clone has, what a checksum tells apart. */
@NullMarked
package dev.fermata.postgres.catalog;

import org.jspecify.annotations.NullMarked;
