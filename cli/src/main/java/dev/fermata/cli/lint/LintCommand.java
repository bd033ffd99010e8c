package dev.fermata.cli.lint;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.analysis.lint.LintedFile;
import dev.fermata.analysis.lint.Linter;
import dev.fermata.analysis.policy.ChangeOrigin;
import dev.fermata.analysis.policy.Policy;
import dev.fermata.analysis.rule.Neighbours;
import dev.fermata.analysis.rule.RuleSet;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.cli.client.CliException;
import dev.fermata.cli.client.ExitCode;
import dev.fermata.cli.client.RegisteredTarget;
import dev.fermata.cli.client.SettingsFile;
import dev.fermata.cli.client.VersionCommand;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.json.Json;
import dev.fermata.postgres.parser.SqlParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Finds out what changes would do, without running them. */
@Command(
        name = "lint",
        description = {
            "Looks at SQL files, or at folders of them, with PostgreSQL's own grammar and says what would block,"
                    + " rewrite, destroy or break.",
            "Goes by the policy file of the repository, if it has one: switches, severities, suppressions, own rules.",
            "Needs no service, and no database unless --target names one. Exit code 6 when there is a finding at or"
                    + " above --fail-on."
        },
        mixinStandardHelpOptions = true)
public final class LintCommand implements Callable<Integer> {
    private static final int OLDEST = 15;
    private static final int NEWEST = 18;

    /** In which form. */
    enum Form {
        TEXT,
        JSON,
        SARIF,
        GITHUB
    }

    static final class FormConverter implements ITypeConverter<Form> {
        @Override
        public Form convert(String text) {
            return oneOf(Form.values(), text, "text, json, sarif or github");
        }
    }

    static final class LevelConverter implements ITypeConverter<RiskLevel> {
        @Override
        public RiskLevel convert(String text) {
            return oneOf(RiskLevel.values(), text, "low, medium, high or critical");
        }
    }

    private static <E extends Enum<E>> E oneOf(E[] values, String text, String expected) {
        for (E value : values) {
            if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
                return value;
            }
        }
        throw new TypeConversionException("'" + text + "' (expected: " + expected + ")");
    }

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "Files of SQL; of a folder all *.sql below it, but for *.down.sql and U*__*.sql.")
    private List<Path> paths = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            converter = FormConverter.class,
            description = "text (default), json, sarif or github.")
    private Form form = Form.TEXT;

    @Option(
            names = "--fail-on",
            paramLabel = "LEVEL",
            converter = LevelConverter.class,
            description =
                    "low, medium, high or critical: from where on the exit code is 6 (default: failOn of the policy,"
                            + " else high).")
    private @Nullable RiskLevel failOn;

    @Option(
            names = "--pg-version",
            paramLabel = "N",
            description = "Major version of the server the changes are for: 15 to 18 (default: 18).")
    private @Nullable Integer majorVersion;

    @Option(
            names = "--one-transaction",
            description = "Each file runs in one transaction, as with most migration tools.")
    private boolean oneTransaction;

    @Option(
            names = "--diff",
            paramLabel = "REV",
            description = "Only what the branch adds: statements with a line that is new or changed since REV.")
    private @Nullable String diff;

    @Option(
            names = "--target",
            paramLabel = "T",
            description = "Judge by this database, a target of the settings file: its tables, sizes, traffic and"
                    + " what is going on on it. Only reads.")
    private @Nullable String target;

    @Mixin
    private SettingsFile settings = new SettingsFile();

    @Mixin
    private PolicyOptions policyOptions;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets parameters and spec before it calls
    LintCommand() {}

    @Override
    public Integer call() throws IOException {
        if (majorVersion != null && (majorVersion < OLDEST || majorVersion > NEWEST)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--pg-version: " + majorVersion + " (expected: " + OLDEST + " to " + NEWEST + ")");
        }
        Policy policy = policyOptions.policy();
        Situation situation = situation();
        if (policyOptions.checksPolicy()) {
            int exit = policyOptions.check(policy, situation, spec.commandLine().getOut());
            if (exit != ExitCode.DONE.code() || paths.isEmpty()) {
                return exit;
            }
        } else if (paths.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "Missing required parameter: 'FILE'");
        }
        LintReport report = LintReport.of(lint(policy, situation));
        print(report, policy.rules(new ChangeOrigin("", policyOptions.environment())));
        if (report.summary().errors() > 0) {
            return ExitCode.ERROR.code();
        }
        RiskLevel least = failOn != null ? failOn : policy.failOn().orElse(RiskLevel.HIGH);
        return report.hasAtLeast(least) ? ExitCode.FINDINGS.code() : ExitCode.DONE.code();
    }

    private Situation situation() {
        Situation text = Situation.textOnly(LocalDate.now(ZoneOffset.UTC))
                .with(majorVersion == null ? NEWEST : majorVersion)
                .with(oneTransaction ? Situation.Transactions.PER_FILE : Situation.Transactions.PER_STATEMENT);
        if (target == null) {
            return text;
        }
        if (majorVersion != null) {
            throw new ParameterException(
                    spec.commandLine(), "--pg-version: not together with --target, which has a version of its own");
        }
        return LintTarget.read(new RegisteredTarget(settings, target, "fermata lint FILE --target " + target), target)
                .situation(text, spec.commandLine().getErr());
    }

    private List<LintedFile> lint(Policy policy, Situation situation) {
        String revision = diff;
        ChangedLines changed = revision == null
                ? null
                : ChangedLines.since(revision, Path.of("").toAbsolutePath());
        List<Path> files = SqlFiles.of(paths).stream()
                .filter(file -> changed == null || changed.touches(file))
                .toList();
        int threads = Math.min(Runtime.getRuntime().availableProcessors(), Math.max(1, files.size() / 8));
        try (SqlParser parser = new SqlParser(threads)) {
            Linter linter = new Linter(parser, policy, policyOptions.environment(), situation);
            List<LintedFile> linted = InParallel.map(files, threads, file -> linter.lint(file.toString(), read(file)));
            Map<String, Neighbours> neighbours =
                    linter.neighbours(files.stream().map(Path::toString).toList());
            return InParallel.map(linted, threads, file -> {
                Neighbours around = neighbours.get(file.path());
                LintedFile among =
                        around == null ? file : linter.among(around).lint(file.path(), read(Path.of(file.path())));
                return changed == null ? among : changed.of(among);
            });
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.ERROR,
                    "unreadable",
                    "'" + file + "' cannot be read",
                    List.of(e.getClass().getSimpleName()),
                    null);
        }
    }

    private void print(LintReport report, RuleSet rules) throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        switch (form) {
            case TEXT -> out.println(LintText.of(report));
            case JSON ->
                out.println(Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(report));
            case SARIF ->
                out.println(
                        new Sarif(rules, VersionCommand.version()).of(report).toPrettyString());
            case GITHUB -> out.print(GitHubAnnotations.of(report));
        }
        out.flush();
    }
}
