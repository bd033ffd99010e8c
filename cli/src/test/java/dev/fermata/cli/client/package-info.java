@NullMarked
package dev.fermata.cli.client;

import org.jspecify.annotations.NullMarked;
