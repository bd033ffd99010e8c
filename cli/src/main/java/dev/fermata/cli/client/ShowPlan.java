package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo plan}. */
@Command(
        name = "plan",
        description = "Shows the plan that would run, its way back and its digest, which an approval names.",
        mixinStandardHelpOptions = true)
final class ShowPlan implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Mixin
    private OutputOption output = new OutputOption();

    @Parameters(
            arity = "1..*",
            paramLabel = "ID",
            converter = OrderRef.Converter.class,
            description = "Work orders, or runs of them as ID/TARGET.")
    private List<OrderRef> orders = List.of();

    @Option(names = "--target", paramLabel = "NAME", description = "Which run, where an order has several.")
    private @Nullable String target;

    @ArgGroup
    private Part part = new Part();

    /** One part of the plan. */
    static final class Part {
        @Option(names = "--digest", description = "Only the digest.")
        private boolean digest;

        @Option(names = "--sql", description = "Only the SQL, in the order it would run.")
        private boolean sql;

        @Option(names = "--rehearsal", description = "Only how the rehearsal went, as Markdown for an issue.")
        private boolean rehearsal;
    }

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    ShowPlan() {}

    @Override
    public Integer call() throws InterruptedException {
        Conductor conductor = client.conductor();
        PrintWriter out = spec.commandLine().getOut();
        for (OrderRef ref : orders) {
            JsonNode plan = plan(conductor, ref);
            check(plan);
            String digest = plan.path("digest").asText();
            if (part.digest) {
                out.println(digest);
            } else if (part.sql) {
                plan.path("plan").path("steps").forEach(step -> step.path("sql")
                        .forEach(sql -> out.println(Plain.lines(sql.asText()) + ";")));
            } else if (part.rehearsal) {
                out.print(RehearsalPage.markdown(plan.path("rehearsal")));
            } else {
                JsonNode order = conductor.get("/v1/work-orders/" + Conductor.encoded(ref.id()));
                output.one(
                        out,
                        plan,
                        digest,
                        () -> PlanPage.of(plan.path("plan"), digest, plan.path("rehearsal"), written(order)));
            }
        }
        out.flush();
        return ExitCode.DONE.code();
    }

    private JsonNode plan(Conductor conductor, OrderRef ref) throws InterruptedException {
        String which = ref.target() == null ? target : ref.target();
        String path = "/v1/work-orders/" + Conductor.encoded(ref.id()) + "/plan";
        try {
            return conductor.get(which == null ? path : path + "?target=" + Conductor.encoded(which));
        } catch (CliException e) {
            throw Refusals.about(ref.id(), e);
        }
    }

    /** The author's statements, each beside the steps that come of it. */
    private static List<String> written(JsonNode order) {
        try (SqlParser parser = new SqlParser(1)) {
            return parser.parseScript(order.path("order").path("change").asText()).stream()
                    .map(Statement::text)
                    .toList();
        }
    }

    /** Who approves a digest should not have to trust whoever showed the plan. */
    private static void check(JsonNode plan) {
        String said = plan.path("digest").asText();
        String found = CanonicalJson.digest(plan.path("plan"));
        if (!said.equals(found)) {
            throw new CliException(
                    ExitCode.CONFLICT,
                    "digest-mismatch",
                    "the conductor gives the digest " + said + " for a plan whose digest is " + found
                            + "; do not approve it",
                    List.of(),
                    "fermata doctor");
        }
    }
}
