/**
 * Settings: defaults, then {@code fermata.yaml}, then the environment, then flags. All problems are reported at once.
 */
@NullMarked
package dev.fermata.runtime.config;

import org.jspecify.annotations.NullMarked;
