/** The REST interface of contract.md section 3: routes, problem documents, server-sent events. */
@NullMarked
package dev.fermata.conductor.http;

import org.jspecify.annotations.NullMarked;
