/**
 * The work order: what an author asks for, and the parser of the files it is written in (Markdown with front matter,
 * YAML, JSON). Errors name line and key.
 */
@NullMarked
package dev.fermata.contracts.order;

import org.jspecify.annotations.NullMarked;
