package dev.fermata.cli.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A command that did not do what was asked: what happened, why, and the exact command that helps. */
public final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exit;
    private final String code;
    private final transient List<String> why;
    private final @Nullable String next;

    /**
     * @param code stable, for programs
     * @param why details, a line each; possibly none
     * @param next command to run now, null where there is none
     */
    public CliException(ExitCode exit, String code, String what, List<String> why, @Nullable String next) {
        super(what);
        this.exit = exit;
        this.code = code;
        this.why = List.copyOf(why);
        this.next = next;
    }

    public ExitCode exit() {
        return exit;
    }

    public String code() {
        return code;
    }

    public List<String> why() {
        return why;
    }

    public @Nullable String next() {
        return next;
    }
}
