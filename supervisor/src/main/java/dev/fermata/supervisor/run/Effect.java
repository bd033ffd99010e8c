package dev.fermata.supervisor.run;

import dev.fermata.contracts.message.Message;
import java.time.Instant;

/** What should happen because of a decision. Nothing has happened yet. */
public sealed interface Effect {

    /** Say it on its topic. */
    record Say(Message message) implements Effect {}

    /** Be reminded. */
    record Remind(RunEvent.Timer timer, Instant due) implements Effect {}

    /** No longer be reminded. */
    record Forget(RunEvent.Timer timer) implements Effect {}
}
