/** Tests of sessions on targets and of what their errors say. */
@NullMarked
package dev.fermata.postgres.targets;

import org.jspecify.annotations.NullMarked;
