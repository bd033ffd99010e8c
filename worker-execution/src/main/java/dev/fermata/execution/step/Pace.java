package dev.fermata.execution.step;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** How fast rows went by of late, for an honest guess at the rest. Knows no clock. */
final class Pace {
    private static final long WINDOW = Duration.ofSeconds(30).toNanos();
    private static final long TOO_SHORT = Duration.ofSeconds(2).toNanos();

    private final Deque<Mark> marks = new ArrayDeque<>();

    private record Mark(long nanos, long rows) {}

    /** @param rows so many were done at {@code nanos} */
    void mark(long nanos, long rows) {
        marks.addLast(new Mark(nanos, rows));
        while (marks.size() > 2 && nanos - marks.getFirst().nanos() > WINDOW) {
            marks.removeFirst();
        }
    }

    /** What was seen before a standstill says nothing of what comes after it. */
    void stoodStill() {
        marks.clear();
    }

    /** Null when nothing was seen for long enough, or nothing is known of the end. */
    @Nullable
    Duration remaining(long total) {
        if (marks.size() < 2) {
            return null;
        }
        long nanos = marks.getLast().nanos() - marks.getFirst().nanos();
        long rows = marks.getLast().rows() - marks.getFirst().rows();
        long left = total - marks.getLast().rows();
        if (nanos < TOO_SHORT || rows <= 0 || left <= 0) {
            return null;
        }
        return Duration.ofNanos((long) ((double) nanos / rows * left));
    }
}
