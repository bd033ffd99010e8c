/**
 * Typed views of parse trees: what an ALTER TABLE, a column, a constraint says, without walking JSON. Every view is made
 * of a {@link dev.fermata.postgres.parser.Statement}'s node and keeps offsets into the statement's text. Pure.
 */
@NullMarked
package dev.fermata.postgres.tree;

import org.jspecify.annotations.NullMarked;
