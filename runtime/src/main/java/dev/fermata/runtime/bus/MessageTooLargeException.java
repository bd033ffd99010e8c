package dev.fermata.runtime.bus;

import dev.fermata.contracts.message.Message;

/** A message that no topic would take. It is refused before anything is stored, so that it cannot block the outbox. */
public final class MessageTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MessageTooLargeException(Message message, int bytes) {
        super("message " + message.type() + " of '" + message.key() + "' has " + bytes + " bytes (expected: at most "
                + KafkaClients.MAX_BODY_BYTES + "); make the change smaller");
    }
}
