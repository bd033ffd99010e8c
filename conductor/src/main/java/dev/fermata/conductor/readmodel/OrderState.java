package dev.fermata.conductor.readmodel;

import dev.fermata.contracts.run.RunState;
import java.util.Arrays;
import java.util.List;

/** The state of an order, derived from its runs': the one that needs attention most. */
final class OrderState {
    /** What needs attention first comes first; then what is furthest behind; ends last, bad ones before good ones. */
    private static final List<RunState> BY_ATTENTION = List.of(
            RunState.ESCALATED,
            RunState.ROLLING_BACK,
            RunState.CHANGES_REQUESTED,
            RunState.AWAITING_APPROVAL,
            RunState.AWAITING_CONTRACT,
            RunState.ISSUED,
            RunState.ANALYSING,
            RunState.PREPARING,
            RunState.SCHEDULED,
            RunState.BACKING_UP,
            RunState.MIGRATING,
            RunState.VERIFYING,
            RunState.SOAKING,
            RunState.CONTRACTING,
            RunState.FAILED,
            RunState.ROLLED_BACK,
            RunState.REJECTED,
            RunState.CANCELLED,
            RunState.SUCCEEDED);

    private OrderState() {}

    static String of(List<String> runs) {
        return Arrays.stream(RunState.values())
                .filter(state -> runs.contains(state.wire()))
                .min((a, b) -> Integer.compare(BY_ATTENTION.indexOf(a), BY_ATTENTION.indexOf(b)))
                .orElse(RunState.ISSUED)
                .wire();
    }
}
