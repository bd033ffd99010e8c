/** Plans on a real database: each change forward, back and forward again; refusals; what the application writes meanwhile. */
@NullMarked
package dev.fermata.execution;

import org.jspecify.annotations.NullMarked;
