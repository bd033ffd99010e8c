package dev.fermata.conductor.readmodel;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked;
import dev.fermata.contracts.message.ExecutionMessage.StepCompleted;
import dev.fermata.contracts.message.ExecutionMessage.StepProgressed;
import dev.fermata.contracts.message.ExecutionMessage.StepStarted;

/** How far a step is, as {@code {"step": 2, "state": "running", ...}}: running, blocked, done, undoing or undone. */
final class StepState {
    private StepState() {}

    static ObjectNode of(StepStarted message) {
        return step(message.step(), message.direction() == Direction.FORWARD ? "running" : "undoing")
                .put("attempt", message.attempt());
    }

    static ObjectNode of(StepProgressed message) {
        ObjectNode state = step(message.step(), message.direction() == Direction.FORWARD ? "running" : "undoing")
                .put("done", message.done())
                .put("total", message.total())
                .put("unit", message.unit());
        if (message.remaining() != null) {
            state.put("remainingMillis", message.remaining().toMillis());
        }
        if (message.held() != null) {
            state.put("held", message.held());
        }
        return state;
    }

    static ObjectNode of(StepBlocked message) {
        return step(message.step(), "blocked")
                .put("attempt", message.attempt())
                .put("attempts", message.attempts())
                .put("blockers", message.blockers().size());
    }

    static ObjectNode of(StepCompleted message) {
        return step(message.step(), message.direction() == Direction.FORWARD ? "done" : "undone")
                .put("elapsedMillis", message.elapsed().toMillis())
                .put("lockWaitMillis", message.lockWait().toMillis())
                .put("rows", message.rows())
                .put("attempts", message.attempts());
    }

    private static ObjectNode step(int no, String state) {
        return Json.mapper().createObjectNode().put("step", no).put("state", state);
    }
}
