package dev.fermata.cli.client;

/** What the command ends with; one meaning each. */
public enum ExitCode {
    DONE(0),
    ERROR(1),
    USAGE(2),
    NOT_FOUND(3),
    NOT_ALLOWED(4),
    /** Something is in the way, or the digest that was named is not the current one. */
    CONFLICT(5),
    /** Findings at or above {@code --fail-on}. */
    FINDINGS(6),
    /** Rejected, changes requested, cancelled or expired. */
    DECLINED(7),
    /** Still pending at {@code --timeout}. */
    PENDING(8),
    /** Failed, with production as it was before. */
    ROLLED_BACK(9),
    /** Escalated: an operator must act. */
    ESCALATED(10),
    INTERRUPTED(130);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
