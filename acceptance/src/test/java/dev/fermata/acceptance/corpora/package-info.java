/** Real projects' migrations, order after order, up and back: see {@link CorporaTest}. */
@NullMarked
package dev.fermata.acceptance.corpora;

import org.jspecify.annotations.NullMarked;
