@NullMarked
package dev.fermata.analysis.policy;

import org.jspecify.annotations.NullMarked;
