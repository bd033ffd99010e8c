package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fermata version}. */
@Command(
        name = "version",
        description = "Prints the versions of Fermata and of its Java.",
        mixinStandardHelpOptions = true)
public final class VersionCommand implements Callable<Integer>, IVersionProvider {
    @Mixin
    private OutputOption output = new OutputOption();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    public VersionCommand() {}

    @Override
    public String[] getVersion() {
        return new String[] {"fermata " + version()};
    }

    /** Of this program; {@code development} where it was not built as a jar with a version. */
    public static String version() {
        return Optional.ofNullable(VersionCommand.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    @Override
    public Integer call() {
        ObjectNode versions = Json.mapper().createObjectNode();
        versions.put("fermata", version());
        versions.put("java", Runtime.version().toString());
        versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        output.one(
                spec.commandLine().getOut(),
                versions,
                version(),
                () -> "fermata " + version() + "\njava " + versions.path("java").asText() + " on "
                        + versions.path("os").asText());
        return ExitCode.DONE.code();
    }
}
