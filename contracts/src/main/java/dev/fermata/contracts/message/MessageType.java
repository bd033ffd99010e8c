package dev.fermata.contracts.message;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The CloudEvents type of every message, found from the sealed hierarchy itself, so that none can be forgotten. */
public final class MessageType {
    private static final String PREFIX = "dev.fermata.";
    private static final String VERSION = ".v1";
    private static final Map<String, Class<? extends Message>> BY_NAME = collect();

    private MessageType() {}

    /** {@code dev.fermata.StepCompleted.v1} for {@code StepCompleted}. */
    public static String of(Class<? extends Message> message) {
        return PREFIX + message.getSimpleName() + VERSION;
    }

    /** The record for a type, empty when this version does not know it. */
    public static Optional<Class<? extends Message>> find(String type) {
        return Optional.ofNullable(BY_NAME.get(type));
    }

    /** Every type with its record, in the order of the topics. */
    public static Map<String, Class<? extends Message>> all() {
        return BY_NAME;
    }

    private static Map<String, Class<? extends Message>> collect() {
        Map<String, Class<? extends Message>> found = new LinkedHashMap<>();
        for (Class<?> topic : Message.class.getPermittedSubclasses()) {
            for (Class<?> message : topic.getPermittedSubclasses()) {
                Class<? extends Message> type = message.asSubclass(Message.class);
                found.put(of(type), type);
            }
        }
        return Collections.unmodifiableMap(found);
    }
}
