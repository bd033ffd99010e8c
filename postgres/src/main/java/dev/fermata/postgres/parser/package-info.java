/**
 * PostgreSQL's own grammar on the JVM.
 *
 * <p>{@link dev.fermata.postgres.parser.SqlParser} takes a script apart into {@link
 * dev.fermata.postgres.parser.Statement statements}, each with its place in the script and its parse tree, exactly as a
 * PostgreSQL 18 server would delimit and read them. {@link dev.fermata.postgres.parser.SqlText} finds the places in a
 * statement's text where other text can be spliced in. Nothing here talks to a database: names are not resolved.
 *
 * <p>Inside: libpg_query (the server's scanner and grammar in C) as WebAssembly, compiled to bytecode by the build.
 */
@NullMarked
package dev.fermata.postgres.parser;

import org.jspecify.annotations.NullMarked;
