package dev.fermata.analysis.policy;

import dev.fermata.contracts.order.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** A policy file that cannot be used, with everything that is wrong with it. */
public final class PolicyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final transient List<Problem> problems;

    /** @param problems at least one, in the order of their place; each message names file, line, column and key */
    PolicyException(String file, List<Problem> problems) {
        super(problems.stream().map(Problem::message).collect(Collectors.joining("\n")));
        this.file = file;
        this.problems = List.copyOf(problems);
    }

    /** As the caller calls it. */
    public String file() {
        return file;
    }

    public List<Problem> problems() {
        return problems;
    }
}
