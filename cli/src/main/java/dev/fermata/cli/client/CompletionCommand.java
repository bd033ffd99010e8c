package dev.fermata.cli.client;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata completion}. */
@Command(
        name = "completion",
        description = {
            "Prints a script that completes commands and options.",
            "Use it with: source <(fermata completion bash)"
        },
        mixinStandardHelpOptions = true)
public final class CompletionCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SHELL", description = "bash or zsh")
    private String shell = "";

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    public CompletionCommand() {}

    @Override
    public Integer call() {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new ParameterException(spec.commandLine(), "SHELL: '" + shell + "' (expected: bash or zsh)");
        }
        // The script of picocli looks which of the two runs it.
        spec.commandLine()
                .getOut()
                .print(AutoComplete.bash("fermata", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return ExitCode.DONE.code();
    }
}
