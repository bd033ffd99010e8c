package dev.fermata.supervisor.run;

import dev.fermata.contracts.message.ApprovalMessage;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ImpactMessage;
import dev.fermata.contracts.message.WorkOrderMessage;

/** Everything that can happen to a run. */
public sealed interface RunEvent {

    /** The analysis worker said something about this run. */
    record Impact(ImpactMessage message) implements RunEvent {}

    /** The execution worker said something about this run. */
    record Execution(ExecutionMessage message) implements RunEvent {}

    /** Somebody answered, or the supervisor's own words came back. */
    record Approval(ApprovalMessage message) implements RunEvent {}

    /** The order was amended, cancelled, or an operator asked for something. */
    record Order(WorkOrderMessage message) implements RunEvent {}

    /** A timer of this run is due. */
    record TimerFired(Timer timer) implements RunEvent {}

    /**
     * The application was looked at.
     *
     * @param well whether every probe passed
     * @param detail which did not and why, for people; never data of the application
     */
    record Probed(boolean well, String detail) implements RunEvent {}

    /** What a run is reminded of. */
    enum Timer {
        /** The analysis should be there by now. */
        ANALYSIS,
        /** The worker has not been heard of for too long. */
        SILENCE,
        /** What failed is to be tried again. */
        AGAIN,
        /** The question has been open for too long. */
        APPROVAL,
        /** The window opens. */
        WINDOW,
        /** The window closes. */
        WINDOW_END,
        /** The change has been in for long enough. */
        SOAK
    }
}
