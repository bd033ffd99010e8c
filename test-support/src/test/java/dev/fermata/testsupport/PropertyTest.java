package dev.fermata.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PropertyTest {
    private static final Gen<List<Integer>> NUMBERS = Gen.ints(0, 9).lists(0, 5);

    @Test
    void theSameSeedMakesTheSameValue() {
        Property.forAll(
                Gen.longs(Long.MIN_VALUE, Long.MAX_VALUE), seed -> assertThat(NUMBERS.next(new SplittableRandom(seed)))
                        .isEqualTo(NUMBERS.next(new SplittableRandom(seed))));
    }

    @Test
    void aFailureNamesTheValueAndTheSeedThatRepeatsIt() {
        AssertionError failure = failureOf(() -> Property.forAll(NUMBERS, PropertyTest::mustNotHoldSeven));

        Matcher seed = Pattern.compile("-Dfermata.test.seed=(-?\\d+)").matcher(failure.getMessage());
        assertThat(seed.find()).isTrue();
        AssertionError repeated = failureOf(
                () -> Property.forSeed(Long.parseLong(seed.group(1)), NUMBERS, PropertyTest::mustNotHoldSeven));
        assertThat(repeated).hasMessage(failure.getMessage());
    }

    @Test
    void aCheckedExceptionIsAFailureToo() {
        assertThatThrownBy(() -> Property.forAll(NUMBERS, numbers -> {
                    throw new java.io.IOException("disk full");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("disk full");
    }

    @Test
    void bothBoundsAreReached() {
        List<Integer> seen = new ArrayList<>();
        Property.forAll(500, Gen.ints(-1, 1), seen::add);
        assertThat(seen).contains(-1, 0, 1).allMatch(number -> Math.abs(number) <= 1);
    }

    private static void mustNotHoldSeven(List<Integer> numbers) {
        assertThat(numbers).doesNotContain(7);
    }

    private static AssertionError failureOf(Runnable property) {
        try {
            property.run();
        } catch (AssertionError e) {
            return e;
        }
        throw new IllegalStateException("the property held (expected: a failure)");
    }
}
