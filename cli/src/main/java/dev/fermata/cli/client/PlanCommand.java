package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.order.WorkOrderFile;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code fermata plan}: what would run for a change, without running it. */
@Command(
        name = "plan",
        description = {
            "Shows the steps that a change would become on a database, each with its way back. Runs nothing on it.",
            "Reads the catalog, and tries the change in an empty database beside it, which is removed again; the role"
                    + " needs CREATEDB for that."
        },
        mixinStandardHelpOptions = true)
public final class PlanCommand implements Callable<Integer> {
    /** A draft belongs to no order; the same change on the same catalog has the same digest. */
    private static final String NO_ORDER = "wo_00000000000000000000000000";

    /** In which form. */
    enum Form {
        TEXT,
        JSON,
        SQL,
        MARKDOWN
    }

    static final class FormConverter implements ITypeConverter<Form> {
        @Override
        public Form convert(String text) {
            for (Form form : Form.values()) {
                if (form.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return form;
                }
            }
            throw new TypeConversionException("'" + text + "' (expected: text, json, sql or markdown)");
        }
    }

    /** Which database. */
    static final class Where {
        @Option(names = "--target", paramLabel = "T", description = "A target of the settings file.")
        private @Nullable String target;

        @Option(
                names = "--url",
                paramLabel = "JDBC",
                description =
                        "jdbc:postgresql://host:port/database?user=name; the password comes from PGPASSWORD, or from"
                                + " the file that PGPASSWORD_FILE names.")
        private @Nullable String url;
    }

    @Parameters(paramLabel = "FILE", description = "A work order, or a file of SQL (*.sql).")
    private Path file = Path.of("");

    @ArgGroup(multiplicity = "1")
    private Where where = new Where();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            converter = FormConverter.class,
            description = "text (default), json, sql or markdown.")
    private Form form = Form.TEXT;

    @Mixin
    private SettingsFile settings = new SettingsFile();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    PlanCommand() {}

    @Override
    public Integer call() {
        WorkOrder order = order();
        Planner.Planned drafted = draft(order);
        Plan plan = drafted.plan();
        List<String> written =
                drafted.statements().stream().map(Statement::text).toList();
        PrintWriter out = spec.commandLine().getOut();
        JsonNode json = Json.mapper().valueToTree(plan);
        switch (form) {
            case TEXT ->
                out.println(PlanPage.of(json, plan.digest(), Json.mapper().missingNode(), written));
            case JSON -> out.println(PlanJson.of(json, plan.digest()).toPrettyString());
            case MARKDOWN -> out.println(PlanMarkdown.of(json, plan.digest(), written));
            case SQL -> plan.steps().forEach(step -> step.sql().forEach(sql -> out.println(Plain.lines(sql) + ";")));
        }
        out.flush();
        return ExitCode.DONE.code();
    }

    private WorkOrder order() {
        String name = file.toString();
        if (!Files.isRegularFile(file)) {
            throw new CliException(
                    ExitCode.NOT_FOUND,
                    "no-such-file",
                    "'" + name + "' is not there (expected: a work order, or a file of SQL)",
                    List.of(),
                    null);
        }
        if (!name.endsWith(".sql")) {
            return new OrderFiles(settings, "nobody").read(name, Map.of());
        }
        try {
            String sql = WorkOrderFile.decode(Files.readAllBytes(file), name);
            return WorkOrder.of("draft", "nobody", List.of(targetName()), sql, null);
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.ERROR, "unreadable", "'" + name + "' cannot be read: " + e.getMessage(), List.of(), null);
        }
    }

    private String targetName() {
        return where.target == null ? "url" : where.target;
    }

    private Planner.Planned draft(WorkOrder order) {
        RunId run = RunId.parse(NO_ORDER + "/" + targetName());
        TargetDatabase database = database();
        try (SqlParser parser = new SqlParser(1)) {
            return Drafting.besideOthers(new Planner(parser)).draft(database, run, 1, order);
        } catch (PlanRefusedException e) {
            Failure failure = e.failure();
            List<String> why = new ArrayList<>();
            if (failure.line() != null) {
                why.add(file + ":" + failure.line() + ":" + failure.column());
            }
            throw new CliException(ExitCode.ERROR, failure.code(), failure.message(), why, null);
        } catch (TargetException e) {
            throw new RegisteredTarget(settings, targetName(), "fermata plan " + file).failed(e);
        }
    }

    private TargetDatabase database() {
        return where.target != null
                ? new RegisteredTarget(settings, where.target, "fermata plan " + file + " --target " + where.target)
                        .database()
                : TargetUrl.parse(String.valueOf(where.url), System.getenv()).database();
    }
}
