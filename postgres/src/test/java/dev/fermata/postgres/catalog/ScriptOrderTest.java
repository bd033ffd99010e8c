package dev.fermata.postgres.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.postgres.catalog.ScriptOrder.Ordered;
import dev.fermata.postgres.catalog.ScriptOrder.Step;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScriptOrderTest {

    @Test
    void dependenciesComeFirstThenRecipeThenName() {
        Ordered ordered = ScriptOrder.of(List.of(
                step(Recipe.VIEW, "v1", "v2"),
                step(Recipe.VIEW, "v2", "t2"),
                step(Recipe.TABLE, "t2"),
                step(Recipe.TABLE, "t1", "f"),
                step(Recipe.FUNCTION, "f", "t2"),
                step(Recipe.SCHEMA, "s")));
        assertThat(ordered.beforeData()).extracting(Step::name).containsExactly("s", "t2", "f", "t1", "v2", "v1");
    }

    @Test
    void whatNeedsTheLaterHalfMovesThere() {
        Ordered ordered = ScriptOrder.of(List.of(
                step(Recipe.KEY, "k", "t"),
                step(Recipe.VIEW, "grouped", "k"),
                step(Recipe.FUNCTION, "f", "grouped"),
                step(Recipe.TABLE, "t")));
        assertThat(ordered.beforeData()).extracting(Step::name).containsExactly("t");
        assertThat(ordered.afterData()).extracting(Step::name).containsExactly("k", "grouped", "f");
    }

    @Test
    void circlesAndWhatNeedsThemAreStuck() {
        Ordered ordered = ScriptOrder.of(List.of(
                step(Recipe.VIEW, "a", "b"),
                step(Recipe.VIEW, "b", "a"),
                step(Recipe.VIEW, "c", "b"),
                step(Recipe.VIEW, "d", "d", "unknown")));
        assertThat(ordered.beforeData()).extracting(Step::name).containsExactly("d");
        assertThat(ordered.stuck()).extracting(Step::name).containsExactly("a", "b", "c");
    }

    private static Step step(Recipe recipe, String name, String... needs) {
        return new Step(recipe, name, name, "create " + name, Set.of(needs));
    }
}
