package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo impact}. */
@Command(
        name = "impact",
        description = "Shows what the analysis found: locks, sizes, findings, risk.",
        mixinStandardHelpOptions = true)
final class ShowImpact implements Callable<Integer> {
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

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    ShowImpact() {}

    @Override
    public Integer call() throws InterruptedException {
        Conductor conductor = client.conductor();
        List<JsonNode> reports = new ArrayList<>();
        for (OrderRef ref : orders) {
            for (JsonNode report : impact(conductor, ref)) {
                if (ref.target() == null
                        || ref.target().equals(report.path("target").asText())) {
                    reports.add(report);
                }
            }
        }
        output.list(
                spec.commandLine().getOut(),
                reports,
                report -> report.path("runId").asText(),
                () -> page(reports));
        return ExitCode.DONE.code();
    }

    private static JsonNode impact(Conductor conductor, OrderRef ref) throws InterruptedException {
        try {
            return conductor
                    .get("/v1/work-orders/" + Conductor.encoded(ref.id()) + "/impact")
                    .path("items");
        } catch (CliException e) {
            throw Refusals.about(ref.id(), e);
        }
    }

    private static String page(List<JsonNode> reports) {
        List<String> pages = new ArrayList<>();
        for (JsonNode report : reports) {
            pages.add("run " + report.path("runId").asText() + "\n\n" + ImpactPage.of(report.path("impact")));
        }
        return String.join("\n\n", pages);
    }
}
