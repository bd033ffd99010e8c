package dev.fermata.cli;

import dev.fermata.cli.client.BackupCommand;
import dev.fermata.cli.client.CompletionCommand;
import dev.fermata.cli.client.DoctorCommand;
import dev.fermata.cli.client.ErrorBlock;
import dev.fermata.cli.client.MemoryCommand;
import dev.fermata.cli.client.PlanCommand;
import dev.fermata.cli.client.TargetCommand;
import dev.fermata.cli.client.Terminal;
import dev.fermata.cli.client.VersionCommand;
import dev.fermata.cli.client.WorkOrders;
import dev.fermata.cli.launcher.DemoCommand;
import dev.fermata.cli.launcher.RunCommand;
import dev.fermata.cli.launcher.UpCommand;
import dev.fermata.cli.lint.LintCommand;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code fermata} command. */
@Command(
        name = "fermata",
        description = {
            "Holds a schema change until it has been analysed, rehearsed, backed up and approved; then plays it,"
                    + " listens, and takes it back when something sounds wrong."
        },
        versionProvider = VersionCommand.class,
        mixinStandardHelpOptions = true,
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            RunCommand.class,
            LintCommand.class,
            PlanCommand.class,
            WorkOrders.class,
            TargetCommand.class,
            BackupCommand.class,
            MemoryCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            VersionCommand.class,
        })
public final class Main implements Runnable {
    private static final String NO_COLOR = "--no-color";

    @Option(names = NO_COLOR, scope = ScopeType.INHERIT, description = "No colour, also on a terminal (as NO_COLOR=1).")
    @SuppressWarnings("UnusedVariable") // looked at among the arguments, before they are parsed
    private boolean noColor;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    Main() {}

    /** Ends the process with one of {@link dev.fermata.cli.client.ExitCode}. */
    public static void main(String[] args) {
        Logging.quiet();
        Terminal.decide(Arrays.asList(args).contains(NO_COLOR));
        PrintWriter out = new PrintWriter(System.out, false, charset("stdout.encoding"));
        PrintWriter err = new PrintWriter(System.err, true, charset("stderr.encoding"));
        int exit = commandLine().setOut(out).setErr(err).execute(args);
        out.flush();
        err.flush();
        System.exit(exit);
    }

    private static Charset charset(String property) {
        return Charset.forName(System.getProperty(property, "UTF-8"));
    }

    /** The command with all that is below it. */
    public static CommandLine commandLine() {
        ErrorBlock errors = new ErrorBlock();
        return new CommandLine(new Main())
                .setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors)
                .setColorScheme(CommandLine.Help.defaultColorScheme(Terminal.isColoured() ? Ansi.ON : Ansi.OFF))
                .setUsageHelpAutoWidth(true);
    }

    /** Alone it says what there is. */
    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
