package dev.fermata.contracts.id;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * Makes ULIDs: 26 characters of Crockford's base 32, 48 bits of milliseconds and 80 of randomness, so that ids made later
 * sort later. Within one millisecond the random part counts up, so the ids of one generator are strictly increasing.
 * Thread-safe. Source: the ULID specification (github.com/ulid/spec).
 */
public final class Ulid {
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int LENGTH = 26;

    private final Clock clock;
    private final RandomGenerator random;
    private final ReentrantLock lock = new ReentrantLock();
    private long lastMillis = -1;
    private long high;
    private long low;

    public Ulid(Clock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** A generator on the system clock with secure randomness. */
    public static Ulid system() {
        return new Ulid(Clock.systemUTC(), new SecureRandom());
    }

    /** The next id. A clock that goes backwards does not take the ids backwards. */
    public String next() {
        lock.lock();
        try {
            long now = clock.millis();
            if (now > lastMillis) {
                lastMillis = now;
                high = random.nextLong() & 0xFFFFL; // 16 of the 80 bits; the other 64 are in low
                low = random.nextLong();
            } else if (++low == 0) {
                high = (high + 1) & 0xFFFFL;
                lastMillis += high == 0 ? 1 : 0; // all 80 bits used up: ahead of the clock rather than backwards
            }
            return encode(lastMillis, high, low);
        } finally {
            lock.unlock();
        }
    }

    /** Whether the text has the shape of a ULID. */
    public static boolean isUlid(String text) {
        return text.length() == LENGTH && text.charAt(0) <= '7' && text.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0);
    }

    private static String encode(long millis, long high, long low) {
        char[] out = new char[LENGTH];
        for (int i = 9; i >= 0; i--) {
            out[i] = ALPHABET.charAt((int) (millis & 31));
            millis >>>= 5;
        }
        for (int i = LENGTH - 1; i >= 10; i--) {
            out[i] = ALPHABET.charAt((int) (low & 31));
            low = (low >>> 5) | ((high & 31) << 59);
            high >>>= 5;
        }
        return new String(out);
    }
}
