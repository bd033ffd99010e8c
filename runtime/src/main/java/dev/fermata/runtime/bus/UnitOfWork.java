package dev.fermata.runtime.bus;

import dev.fermata.contracts.message.Message;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One transaction of the control database and what is decided in it. Nothing of it is seen by anybody unless all of it is
 * committed. Used by one thread.
 */
public interface UnitOfWork {

    /** For the state that belongs to the decision. The caller neither commits nor closes it. */
    Connection connection();

    /** The time at which this work began; the same for all of it. */
    Instant now();

    /**
     * Says something, once the transaction is committed. Messages of one key keep their order.
     *
     * @throws MessageTooLargeException when no topic would take it
     */
    void publish(Message message);

    /** Reminds the service; a timer of the same key and kind is replaced. */
    void startTimer(String key, String kind, Instant due, String payload) throws SQLException;

    /** Does nothing when there is none. */
    void cancelTimer(String key, String kind) throws SQLException;

    /**
     * Accepts the message at hand as a job. One with a lower epoch under the same key is replaced and loses its lease; one
     * with the same or a higher epoch is kept.
     *
     * @return whether it was accepted
     */
    boolean acceptJob(String key, long epoch, Message message) throws SQLException;

    /** Reminds the service after a while. */
    default void startTimer(String key, String kind, Duration after, String payload) throws SQLException {
        startTimer(key, kind, now().plus(after), payload);
    }

    /** The trace that the work belongs to. */
    @Nullable
    String traceparent();
}
