package dev.fermata.testsupport;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Makes values of one kind from random numbers. The same numbers make the same value, so a seed repeats a test.
 *
 * <pre>{@code
 * Gen<Step> steps = Gen.zip(Gen.of(Kind.values()), Gen.ints(0, 9), Step::new);
 * Property.forAll(steps.lists(0, 20), list -> assertThat(run(list)).isFinished());
 * }</pre>
 */
@FunctionalInterface
public interface Gen<T> {
    T next(RandomGenerator random);

    /** Numbers from min to max, both included. */
    static Gen<Integer> ints(int min, int max) {
        return random -> (int) random.nextLong(min, max + 1L);
    }

    /** Numbers from min, included, to max, not included. */
    static Gen<Long> longs(long min, long max) {
        return random -> random.nextLong(min, max);
    }

    static Gen<Boolean> booleans() {
        return RandomGenerator::nextBoolean;
    }

    /** One of the values, each as likely as the next. */
    @SafeVarargs
    @SuppressWarnings("varargs") // copied, never written to
    static <T> Gen<T> of(T... values) {
        List<T> choices = List.of(values);
        return random -> choices.get(random.nextInt(choices.size()));
    }

    /** What one of the generators makes, each as likely as the next. */
    @SafeVarargs
    @SuppressWarnings("varargs") // copied, never written to
    static <T> Gen<T> oneOf(Gen<? extends T>... gens) {
        List<Gen<? extends T>> choices = List.of(gens);
        return random -> choices.get(random.nextInt(choices.size())).next(random);
    }

    /** Texts of these characters. */
    static Gen<String> strings(String alphabet, int minLength, int maxLength) {
        List<String> characters =
                alphabet.codePoints().mapToObj(Character::toString).toList();
        Gen<String> character = random -> characters.get(random.nextInt(characters.size()));
        return character.lists(minLength, maxLength).map(parts -> parts.stream().collect(Collectors.joining()));
    }

    static <A, B, T> Gen<T> zip(Gen<A> first, Gen<B> second, BiFunction<A, B, T> combine) {
        return random -> combine.apply(first.next(random), second.next(random));
    }

    default <R> Gen<R> map(Function<? super T, ? extends R> change) {
        return random -> change.apply(next(random));
    }

    default <R> Gen<R> flatMap(Function<? super T, Gen<R>> change) {
        return random -> change.apply(next(random)).next(random);
    }

    /** Only values that pass; a filter that nearly nothing passes fails the test. */
    default Gen<T> filter(Predicate<? super T> wanted) {
        return random -> Stream.generate(() -> next(random))
                .limit(1_000)
                .filter(wanted)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("1000 values in turn did not pass the filter"));
    }

    /** Lists of that many values, both bounds included. */
    default Gen<List<T>> lists(int minSize, int maxSize) {
        Gen<Integer> size = ints(minSize, maxSize);
        return random -> IntStream.range(0, size.next(random))
                .mapToObj(i -> next(random))
                .toList();
    }
}
