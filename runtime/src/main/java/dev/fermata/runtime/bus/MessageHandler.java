package dev.fermata.runtime.bus;

import dev.fermata.contracts.codec.Envelope;
import java.sql.SQLException;

/**
 * What a service does with a message: load, decide, store, say. Called once for each message that was not handled before;
 * called again for the same message only when the transaction of the first call was not committed. An exception that is
 * not an outage of the control database sends the message to the dead letters after a few attempts.
 */
@FunctionalInterface
public interface MessageHandler {
    void handle(Envelope envelope, UnitOfWork work) throws SQLException;
}
