package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.run.RunState;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Waits for an order, telling every change of state, and says what it came to. */
final class Waiting {
    private static final Duration LOOK_EVERY = Duration.ofMillis(300);

    /** What is waited for. */
    enum Goal {
        /** There is a plan that can be approved. */
        PLANNED,
        /** Somebody, or the policy, said yes. */
        APPROVED,
        /** Nobody but a person could do anything more. */
        DONE
    }

    /** Lower case, as everywhere else. */
    static final class GoalConverter implements ITypeConverter<Goal> {
        @Override
        public Goal convert(String text) {
            for (Goal goal : Goal.values()) {
                if (goal.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return goal;
                }
            }
            throw new TypeConversionException("'" + text + "' (expected: planned, approved or done)");
        }
    }

    private final Conductor conductor;
    private final PrintWriter err;
    private final Map<String, String> told = new TreeMap<>();

    Waiting(Conductor conductor, PrintWriter err) {
        this.conductor = conductor;
        this.err = err;
    }

    /** {@link ExitCode#PENDING} where it did not come to it in time. A conductor that is away for a while is waited for. */
    ExitCode await(String id, Goal goal, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            Optional<ExitCode> reached = look(id, goal, deadline);
            if (reached.isPresent()) {
                return reached.get();
            }
            if (System.nanoTime() >= deadline) {
                err.println("fermata: " + id + " is still pending after " + Times.took(timeout));
                err.flush();
                return ExitCode.PENDING;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY.toMillis());
        }
    }

    private Optional<ExitCode> look(String id, Goal goal, long deadline) throws InterruptedException {
        try {
            JsonNode order = conductor.order(id);
            tell(order);
            List<RunState> states = new ArrayList<>();
            order.path("runs").forEach(run -> states.add(state(run.path("state").asText())));
            return reached(states, goal);
        } catch (CliException e) {
            boolean away = e.code().equals("conductor-unreachable") || e.code().equals("control-database-down");
            if (!away || System.nanoTime() >= deadline) {
                throw e;
            }
            err.println("fermata: " + e.getMessage() + "; waiting for it");
            err.flush();
            return Optional.empty();
        }
    }

    private void tell(JsonNode order) {
        for (JsonNode run : order.path("runs")) {
            String now = run.path("state").asText() + ": " + run.path("reason").asText();
            if (!now.equals(told.put(run.path("id").asText(), now))) {
                String waitsFor = run.path("waitingFor").asText();
                err.println("fermata: " + run.path("target").asText() + " " + Plain.line(now)
                        + (waitsFor.isEmpty() ? "" : "; waits for " + Plain.line(waitsFor)));
                err.flush();
            }
        }
    }

    static RunState state(String wire) {
        return Arrays.stream(RunState.values())
                .filter(state -> state.wire().equals(wire))
                .findFirst()
                .orElseThrow(() -> new CliException(
                        ExitCode.ERROR,
                        "unknown-state",
                        "the conductor speaks of the state '" + wire + "', which this version does not know",
                        List.of(),
                        "fermata version"));
    }

    /** The exit code once every run has come as far as is waited for, or cannot; the worst of them. */
    static Optional<ExitCode> reached(List<RunState> states, Goal goal) {
        List<ExitCode> codes = new ArrayList<>();
        for (RunState state : states) {
            Optional<ExitCode> code =
                    end(state).or(() -> hasCome(state, goal) ? Optional.of(ExitCode.DONE) : Optional.empty());
            if (code.isEmpty()) {
                return Optional.empty();
            }
            codes.add(code.get());
        }
        return codes.stream().max(Enum::compareTo);
    }

    /** The exit code of a run that goes no further by itself. */
    private static Optional<ExitCode> end(RunState state) {
        return switch (state) {
            case SUCCEEDED -> Optional.of(ExitCode.DONE);
            case CHANGES_REQUESTED, REJECTED, CANCELLED -> Optional.of(ExitCode.DECLINED);
            case FAILED, ROLLED_BACK -> Optional.of(ExitCode.ROLLED_BACK);
            case ESCALATED -> Optional.of(ExitCode.ESCALATED);
            case ISSUED,
                    ANALYSING,
                    PREPARING,
                    AWAITING_APPROVAL,
                    SCHEDULED,
                    BACKING_UP,
                    MIGRATING,
                    VERIFYING,
                    SOAKING,
                    AWAITING_CONTRACT,
                    CONTRACTING,
                    ROLLING_BACK -> Optional.empty();
        };
    }

    private static boolean hasCome(RunState state, Goal goal) {
        return switch (goal) {
            case DONE -> false;
            case PLANNED -> state.compareTo(RunState.AWAITING_APPROVAL) >= 0;
            case APPROVED -> state.compareTo(RunState.SCHEDULED) >= 0;
        };
    }
}
