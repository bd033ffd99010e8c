/** Tests of the lock table: each entry is measured on the real server. */
@NullMarked
package dev.fermata.postgres.lock;

import org.jspecify.annotations.NullMarked;
