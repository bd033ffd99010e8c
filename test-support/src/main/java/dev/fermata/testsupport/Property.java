package dev.fermata.testsupport;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Says that something holds for all values, by trying many.
 *
 * <p>A failure names the seed of the failing try; {@code -Dfermata.test.seed=<seed>} repeats just that try, and
 * {@link #forSeed} keeps it as a case for ever. {@code -Dfermata.test.tries=<n>} tries longer.
 */
public final class Property {
    private static final String SEED = "fermata.test.seed";
    private static final String TRIES = "fermata.test.tries";
    private static final int DEFAULT_TRIES = 200;

    /** Fails by throwing. */
    @FunctionalInterface
    public interface Check<T> {
        void accept(T value) throws Exception;
    }

    private Property() {}

    /** Tries 200 values. */
    public static <T> void forAll(Gen<T> gen, Check<? super T> check) {
        forAll(DEFAULT_TRIES, gen, check);
    }

    /** Tries that many values. */
    public static <T> void forAll(int tries, Gen<T> gen, Check<? super T> check) {
        Optional<Long> pinned = Optional.ofNullable(Long.getLong(SEED));
        if (pinned.isPresent()) {
            forSeed(pinned.get(), gen, check);
            return;
        }
        SplittableRandom seeds = new SplittableRandom(new SecureRandom().nextLong());
        int wanted = Integer.getInteger(TRIES, tries);
        for (int i = 0; i < wanted; i++) {
            forSeed(seeds.nextLong(), gen, check);
        }
    }

    /** Tries the one value of that seed. */
    public static <T> void forSeed(long seed, Gen<T> gen, Check<? super T> check) {
        T value = gen.next(new SplittableRandom(seed));
        try {
            check.accept(value);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "does not hold for " + value + "\n  repeat this try with -D" + SEED + "=" + seed + "\n  "
                            + e.getMessage(),
                    e);
        }
    }
}
