package dev.fermata.runtime.bus;

/** The broker did not take or give records in time. Nothing is lost; the same is tried again. */
public final class BrokerUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokerUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
