package dev.fermata.cli.client;

import dev.fermata.contracts.order.Problem;
import dev.fermata.contracts.order.WorkOrderFileException;
import dev.fermata.runtime.config.ConfigException;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Errors as people and programs read them:
 *
 * <pre>
 * error: plan-changed you reviewed sha256:ab12..., the plan is now sha256:cd34...
 *   next: fermata wo plan wo_01JD8Z3Q5V8X9Y7W6T5R4S3Q2P
 * </pre>
 */
public final class ErrorBlock implements IExecutionExceptionHandler, IParameterExceptionHandler {

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return ExitCode.INTERRUPTED.code();
        }
        if (e instanceof ParameterException wrong) {
            return handleParseException(wrong, parsed.originalArgs().toArray(new String[0]));
        }
        CliException error = translate(e);
        print(command.getErr(), error.code(), error.getMessage(), error.why(), error.next());
        if (System.getenv("FERMATA_DEBUG") != null) {
            e.printStackTrace(command.getErr());
        }
        return error.exit().code();
    }

    private static CliException translate(Exception e) {
        return switch (e) {
            case CliException told -> told;
            case ConfigException settings ->
                new CliException(
                        ExitCode.ERROR,
                        "bad-settings",
                        settings.problems().size() + (settings.problems().size() == 1 ? " setting is" : " settings are")
                                + " not as they should be",
                        settings.problems(),
                        "fermata doctor");
            case WorkOrderFileException document ->
                new CliException(
                        ExitCode.ERROR,
                        "validation-failed",
                        document.displayName() + " is no work order",
                        document.problems().stream()
                                .map(problem -> place(document, problem))
                                .toList(),
                        "fermata wo start FILE --dry-run");
            default ->
                new CliException(
                        ExitCode.ERROR,
                        "failed",
                        e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(),
                        e.getCause() == null || e.getCause().getMessage() == null
                                ? List.of()
                                : List.of(e.getCause().getMessage()),
                        null);
        };
    }

    private static String place(WorkOrderFileException document, Problem problem) {
        String at = problem.line() > 0 ? ":" + problem.line() + ":" + problem.column() : "";
        String message = problem.message();
        return message.startsWith(document.displayName()) ? message : document.displayName() + at + ": " + message;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String hint = e instanceof UnmatchedArgumentException unmatched
                        && !unmatched.getSuggestions().isEmpty()
                ? "did you mean '" + unmatched.getSuggestions().getFirst() + "'?"
                : null;
        print(
                command.getErr(),
                "usage",
                String.valueOf(e.getMessage()),
                hint == null ? List.of() : List.of(hint),
                command.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE.code();
    }

    static void print(PrintWriter err, String code, @Nullable String what, List<String> why, @Nullable String next) {
        err.println(Terminal.error("error:") + " " + code + " " + Plain.lines(String.valueOf(what)));
        why.stream().flatMap(String::lines).forEach(line -> err.println("  why: " + Plain.line(line)));
        if (next != null) {
            err.println("  next: " + next);
        }
        err.flush();
    }
}
