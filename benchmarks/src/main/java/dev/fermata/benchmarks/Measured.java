package dev.fermata.benchmarks;

import java.time.Duration;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** What a run came to. */
record Measured(int count, Duration took, double p50Millis, double p99Millis) {

    static Measured of(int count, Duration took, Histogram micros) {
        return new Measured(
                count, took, micros.getValueAtPercentile(50) / 1000.0, micros.getValueAtPercentile(99) / 1000.0);
    }

    double perSecond() {
        return count / (took.toNanos() / 1e9);
    }

    String line(String what) {
        return String.format(
                Locale.ROOT,
                "%-34s %6d  %9.1f/s  p50 %9.1f ms  p99 %9.1f ms",
                what,
                count,
                perSecond(),
                p50Millis,
                p99Millis);
    }
}
