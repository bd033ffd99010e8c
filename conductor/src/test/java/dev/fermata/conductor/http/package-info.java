/** Tests of the document that describes REST. */
@NullMarked
package dev.fermata.conductor.http;

import org.jspecify.annotations.NullMarked;
