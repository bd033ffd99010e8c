package dev.fermata.cli.client;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fermata wo}: everything about work orders. */
@Command(
        name = "wo",
        description = "Starts, follows and decides on work orders.",
        mixinStandardHelpOptions = true,
        subcommands = {
            StartOrder.class,
            ListOrders.class,
            ShowOrder.class,
            TailOrders.class,
            WaitForOrder.class,
            ShowImpact.class,
            ShowPlan.class,
            AuditOrder.class,
            Decide.Approve.class,
            Decide.Reject.class,
            Decide.RequestChanges.class,
            AmendOrder.class,
            CancelOrder.class,
            RollBackOrder.class,
            PauseOrder.class,
            ResumeOrder.class,
            ContractOrder.class,
        })
public final class WorkOrders implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    public WorkOrders() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "wo: what? (expected: a command such as list)");
    }
}
