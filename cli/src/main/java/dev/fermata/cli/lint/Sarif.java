package dev.fermata.cli.lint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.analysis.lint.LintedFile;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.RuleSet;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.json.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;

/**
 * A report as SARIF 2.1.0. Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
 */
final class Sarif {
    private final RuleSet rules;
    private final String version;

    Sarif(RuleSet rules, String version) {
        this.rules = rules;
        this.version = version;
    }

    ObjectNode of(LintReport report) {
        ObjectNode log = Json.mapper().createObjectNode();
        log.put("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        log.put("version", "2.1.0");
        ObjectNode run = log.putArray("runs").addObject();
        ObjectNode driver = run.putObject("tool").putObject("driver");
        driver.put("name", "fermata lint").put("version", version);
        List<String> ids = new ArrayList<>();
        ArrayNode descriptors = driver.putArray("rules");
        rules.rules().forEach(rule -> {
            ids.add(rule.id());
            describe(descriptors.addObject(), rule);
        });
        run.put("columnKind", "utf16CodeUnits");
        ArrayNode results = run.putArray("results");
        ObjectNode invocation = run.putArray("invocations").addObject();
        ArrayNode notifications = invocation.putArray("toolExecutionNotifications");
        for (LintedFile file : report.files()) {
            LintedFile.Unreadable error = file.error();
            if (error != null) {
                ObjectNode notification = notifications.addObject();
                notification.put("level", "error").putObject("message").put("text", error.message());
                location(notification.putArray("locations").addObject(), file.path(), error.line(), error.column());
            }
            file.findings().forEach(finding -> result(results.addObject(), file, finding, ids));
            file.suppressed().forEach(one -> {
                ObjectNode result = results.addObject();
                result(result, file, one.finding(), ids);
                result.putArray("suppressions")
                        .addObject()
                        .put("kind", one.by().startsWith("comment") ? "inSource" : "external")
                        .put("justification", one.reason() + " (" + one.by() + ")");
            });
        }
        invocation.put("executionSuccessful", report.summary().errors() == 0);
        return log;
    }

    private static void describe(ObjectNode descriptor, Rule rule) {
        descriptor.put("id", rule.id());
        descriptor.putObject("shortDescription").put("text", rule.what());
        descriptor.putObject("fullDescription").put("text", rule.why());
        descriptor.putObject("help").put("text", rule.safer());
        rule.links().stream().findFirst().ifPresent(link -> descriptor.put("helpUri", link));
    }

    private static void result(ObjectNode result, LintedFile file, Finding finding, List<String> ids) {
        result.put("ruleId", finding.rule());
        int index = ids.indexOf(finding.rule());
        if (index >= 0) {
            result.put("ruleIndex", index);
        }
        result.put("level", level(finding.severity()));
        result.putObject("message").put("text", finding.message());
        location(result.putArray("locations").addObject(), file.path(), finding.line(), finding.column());
        result.putObject("properties").put("severity", finding.severity().wire());
    }

    private static void location(ObjectNode location, String path, int line, int column) {
        ObjectNode physical = location.putObject("physicalLocation");
        physical.putObject("artifactLocation").put("uri", uri(path));
        if (line > 0) {
            ObjectNode region = physical.putObject("region").put("startLine", line);
            if (column > 0) {
                region.put("startColumn", column);
            }
        }
    }

    /** Relative references stay relative, with what is not allowed in a URI escaped. */
    private static String uri(String path) {
        try {
            return new URI(null, null, path.replace('\\', '/'), null).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("path '" + path + "' cannot be made a URI", e);
        }
    }

    private static String level(RiskLevel severity) {
        return switch (severity) {
            case LOW -> "note";
            case MEDIUM -> "warning";
            case HIGH, CRITICAL -> "error";
        };
    }
}
