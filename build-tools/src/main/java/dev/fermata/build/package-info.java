/** What the build needs and no library gives: the layout of our Java, checked and applied. */
@NullMarked
package dev.fermata.build;

import org.jspecify.annotations.NullMarked;
