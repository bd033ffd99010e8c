package dev.fermata.conductor.intake;

import dev.fermata.contracts.order.Problem;
import dev.fermata.contracts.order.WorkOrderFileException;
import java.util.List;

/** A request that is refused, with a stable code, the HTTP status that fits, and every problem found. */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final transient List<Problem> problems;

    public RefusedException(int status, String code, String message) {
        this(status, code, message, List.of());
    }

    RefusedException(int status, String code, String message, List<Problem> problems) {
        super(message);
        this.status = status;
        this.code = code;
        this.problems = List.copyOf(problems);
    }

    /** One field of the body is not as it should be. The message is put behind the pointer: "missing (expected: ...)". */
    public static RefusedException field(int status, String code, String pointer, String message) {
        String text = pointer + ": " + message;
        return new RefusedException(status, code, text, List.of(new Problem(code, text, 0, 0, pointer)));
    }

    static RefusedException document(WorkOrderFileException e) {
        return new RefusedException(422, "validation-failed", String.valueOf(e.getMessage()), e.problems());
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    /** Single problems of a document, with line, column and JSON pointer; empty where the message says it all. */
    public List<Problem> problems() {
        return problems;
    }
}
