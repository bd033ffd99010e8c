package dev.fermata.cli.lint;

import dev.fermata.analysis.policy.Policy;
import dev.fermata.analysis.policy.PolicyExamples;
import dev.fermata.analysis.policy.PolicyException;
import dev.fermata.analysis.policy.PolicyFile;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.cli.client.CliException;
import dev.fermata.cli.client.ExitCode;
import dev.fermata.contracts.order.Problem;
import dev.fermata.postgres.parser.SqlParser;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which policy a run of lint goes by. */
final class PolicyOptions {
    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "The policy file (default: the nearest " + PolicyFile.NAME
                    + " in this folder or above, up to the root of the repository).")
    private @Nullable Path file;

    @Option(names = "--no-policy", description = "Goes by no policy file, even if there is one.")
    private boolean none;

    @Option(
            names = "--environment",
            paramLabel = "NAME",
            description = "Where the changes are for, such as production: for conditions of the policy.")
    private String environment = "";

    @Option(
            names = "--check-policy",
            description = "Reads the policy file and tries the examples of its own rules; needs no FILE.")
    private boolean check;

    String environment() {
        return environment;
    }

    boolean checksPolicy() {
        return check;
    }

    /** @throws CliException with all that is wrong with the file */
    Policy policy() {
        Path found =
                file != null || none ? file : PolicyFile.nearest(Path.of("")).orElse(null);
        if (none && file != null) {
            throw new CliException(
                    ExitCode.USAGE, "usage", "--policy and --no-policy (expected: one of them)", List.of(), null);
        }
        if (found == null) {
            if (check) {
                throw notFound(
                        "there is no " + PolicyFile.NAME + " in this folder or above (expected: one, or --policy)");
            }
            return Policy.none(RuleBook.standard());
        }
        if (!Files.exists(found)) {
            throw notFound("'" + found + "' is not there (expected: a policy file)");
        }
        try {
            return PolicyFile.read(shortest(found), RuleBook.all());
        } catch (PolicyException e) {
            throw new CliException(
                    ExitCode.ERROR,
                    "bad-policy",
                    "'" + e.file() + "' is no policy that can be used",
                    e.problems().stream().map(Problem::message).toList(),
                    null);
        }
    }

    /** Tries the examples and says so. */
    int check(Policy policy, Situation situation, PrintWriter out) {
        PolicyExamples tried;
        try (SqlParser parser = new SqlParser(1)) {
            tried = PolicyExamples.tried(policy, parser, situation);
        }
        if (!tried.problems().isEmpty()) {
            throw new CliException(
                    ExitCode.ERROR,
                    "bad-policy",
                    tried.problems().size() + " of " + tried.examples() + " examples are not as they should be",
                    tried.problems(),
                    null);
        }
        out.println("own rules: " + tried.rules() + ", examples: " + tried.examples() + ", all as they should be");
        out.flush();
        return ExitCode.DONE.code();
    }

    private static CliException notFound(String what) {
        return new CliException(ExitCode.NOT_FOUND, "no-such-file", what, List.of(), null);
    }

    /** As messages show it: relative to the current folder where it is in it. */
    private static Path shortest(Path found) {
        Path here = Path.of("").toAbsolutePath();
        return found.isAbsolute() && found.startsWith(here) ? here.relativize(found) : found;
    }
}
