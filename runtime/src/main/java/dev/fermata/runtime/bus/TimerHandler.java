package dev.fermata.runtime.bus;

import java.sql.SQLException;

/** What a service does when a timer is due. The timer is gone once the transaction is committed. */
@FunctionalInterface
public interface TimerHandler {
    void fire(String key, String kind, String payload, UnitOfWork work) throws SQLException;

    /**
     * Takes what the handlers of messages about the same key lock first, before the timer itself is taken: two who take the
     * same things in the same order never wait for each other.
     */
    default void lock(String key, UnitOfWork work) throws SQLException {}

    /** For a service that starts no timers. */
    static TimerHandler none() {
        return (key, kind, payload, work) -> {
            throw new IllegalStateException("timer '" + kind + "' of '" + key + "': this service starts none");
        };
    }
}
