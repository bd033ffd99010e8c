package dev.fermata.execution.plan;

import dev.fermata.postgres.parser.Statement;

/** A step before it is numbered, and the author's statement that it comes from. */
record Drafted(Draft draft, Statement statement) {}
