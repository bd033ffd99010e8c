package dev.fermata.analysis.policy;

import dev.fermata.contracts.order.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file, so that its author hears of everything at once. */
final class PolicyProblems {
    private final String file;
    private final List<Problem> found = new ArrayList<>();

    PolicyProblems(String file) {
        this.file = file;
    }

    String file() {
        return file;
    }

    /** @param what the value met, and in brackets what is expected */
    void add(String code, PolicyNode.Place place, String pointer, String what) {
        String where = file + (place.line() > 0 ? ":" + place.line() + ":" + place.column() : "") + ": ";
        found.add(new Problem(
                code, where + (pointer.isEmpty() ? "" : pointer + ": ") + what, place.line(), place.column(), pointer));
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw exception();
        }
    }

    PolicyException exception() {
        found.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
        return new PolicyException(file, found);
    }
}
