package dev.fermata.contracts.order;

import java.util.List;
import java.util.stream.Collectors;

/** A work order file, template or migration folder that cannot be used, with everything that is wrong with it. */
public final class WorkOrderFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String displayName;
    private final transient List<Problem> problems;

    /**
     * @param displayName how the caller calls the document, such as its path
     * @param problems at least one, in the order of their place
     */
    public WorkOrderFileException(String displayName, List<Problem> problems) {
        super(problems.stream().map(Problem::message).collect(Collectors.joining("\n  ", displayName + ":\n  ", "")));
        this.displayName = displayName;
        this.problems = List.copyOf(problems);
    }

    public String displayName() {
        return displayName;
    }

    public List<Problem> problems() {
        return problems;
    }
}
