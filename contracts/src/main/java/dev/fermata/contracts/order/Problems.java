package dev.fermata.contracts.order;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one document, so that its author hears of everything at once. */
final class Problems {
    /** Nobody reads more, and a document made to annoy must not become a message that annoys. */
    private static final int MAX = 100;

    private static final int MAX_MESSAGE = 1500;

    private final String displayName;
    private final List<Problem> found = new ArrayList<>();
    private int more;

    Problems(String displayName) {
        this.displayName = displayName;
    }

    void add(ProblemCode code, Mark mark, String pointer, String what) {
        if (found.size() == MAX) {
            more++;
            return;
        }
        String where = mark.line() == 0 ? "" : "line " + mark.line() + ", column " + mark.column() + ": ";
        found.add(new Problem(code.wire(), where + shortened(what), mark.line(), mark.column(), pointer));
    }

    void add(ProblemCode code, Mark mark, String what) {
        add(code, mark, "", what);
    }

    private static String shortened(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** Ends here when anything was found. */
    void throwIfAny() {
        if (!found.isEmpty()) {
            throw exception();
        }
    }

    WorkOrderFileException exception() {
        found.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
        if (more > 0) {
            found.add(new Problem(ProblemCode.MORE.wire(), "and " + more + " more; correct these first", 0, 0, ""));
        }
        return new WorkOrderFileException(displayName, found);
    }
}
