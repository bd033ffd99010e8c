package dev.fermata.runtime.config;

/** A password. It shows itself to nobody but who asks for it by name. */
public final class Secret {
    private final String value;

    public Secret(String value) {
        this.value = value;
    }

    /** The password itself; never put it into a message, a log line or a URL. */
    public String reveal() {
        return value;
    }

    @Override
    public String toString() {
        return "***";
    }
}
