/**
 * Every message on the topics, as records under one sealed interface, with the topic each belongs to.
 */
@NullMarked
package dev.fermata.contracts.message;

import org.jspecify.annotations.NullMarked;
