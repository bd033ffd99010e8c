package dev.fermata.runtime.telemetry;

/** The keys of structured log lines, written down once. */
public final class LogKeys {
    public static final String WORK_ORDER = "workOrderId";
    public static final String RUN = "runId";
    public static final String STEP = "step";
    public static final String EPOCH = "epoch";
    public static final String STATE = "state";
    public static final String SERVICE = "service";
    public static final String TOPIC = "topic";
    public static final String PARTITION = "partition";
    public static final String OFFSET = "offset";
    public static final String MESSAGE_TYPE = "messageType";
    public static final String ATTEMPT = "attempt";
    public static final String CODE = "code";
    public static final String ERROR = "error";
    public static final String TRACE = "traceparent";
    public static final String ELAPSED_MILLIS = "elapsedMillis";

    private LogKeys() {}
}
