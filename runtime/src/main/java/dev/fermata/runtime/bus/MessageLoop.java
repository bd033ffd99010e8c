package dev.fermata.runtime.bus;

import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.codec.UnreadableMessageException;
import dev.fermata.runtime.store.ControlStore;
import dev.fermata.runtime.store.ControlStoreException;
import dev.fermata.runtime.telemetry.LogKeys;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of one consumer, on a thread of its own. For each polled batch: one transaction (inbox, handler, outbox), publish,
 * put what is unreadable or poisonous to the dead letters, commit the offsets. After an outage the batch is polled again,
 * and what was committed of it is dropped by the inbox. A message whose handling fails for another reason is tried alone a
 * few times and then put to the dead letters, so that it holds up nobody else.
 */
final class MessageLoop implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(MessageLoop.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(5);
    private static final Duration SILENT_TOO_LONG = Duration.ofSeconds(60);
    private static final Duration FAILING_TOO_LONG = Duration.ofSeconds(20);
    private static final int ATTEMPTS = 3;

    private final String service;
    private final Consumer<byte[], byte[]> consumer;
    private final ControlStore store;
    private final Transactions transactions;
    private final OutboxRelay relay;
    private final DeadLetters deadLetters;
    private final MessageHandler handler;
    private final BooleanSupplier full;
    private final Runnable committed;
    private final MeterRegistry meters;
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicLong lastPollNanos = new AtomicLong(System.nanoTime());
    private final Counter handled;
    private final Counter duplicates;
    private final Counter dead;
    private Duration backOff = FIRST_BACK_OFF;
    private volatile @Nullable Trouble trouble;
    private volatile boolean caughtUp;

    /** Batches have failed one after the other since then. */
    private record Trouble(long sinceNanos, String what) {}

    /**
     * @param full whether no more work can be accepted; then the partitions are paused
     * @param committed called after each committed transaction
     */
    MessageLoop(
            String service,
            Consumer<byte[], byte[]> consumer,
            ControlStore store,
            Transactions transactions,
            OutboxRelay relay,
            DeadLetters deadLetters,
            MessageHandler handler,
            BooleanSupplier full,
            Runnable committed,
            MeterRegistry meters) {
        this.service = service;
        this.consumer = consumer;
        this.store = store;
        this.transactions = transactions;
        this.relay = relay;
        this.deadLetters = deadLetters;
        this.handler = handler;
        this.full = full;
        this.committed = committed;
        this.meters = meters;
        this.handled = meters.counter("fermata.messages.handled", "service", service);
        this.duplicates = meters.counter("fermata.messages.duplicate", "service", service);
        this.dead = meters.counter("fermata.messages.dead", "service", service);
        this.thread = Thread.ofPlatform().name(service + "-messages").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Whether everything was read, once, that the topics held. */
    boolean hasCaughtUp() {
        return caughtUp;
    }

    /** Why nothing is consumed, empty when all is well. */
    Optional<String> problem() {
        if (!thread.isAlive()) {
            return Optional.of("the consumer has ended");
        }
        Trouble now = trouble;
        if (now != null && System.nanoTime() - now.sinceNanos() > FAILING_TOO_LONG.toNanos()) {
            return Optional.of(
                    "no batch was finished for more than " + FAILING_TOO_LONG.toSeconds() + " s: " + now.what());
        }
        Duration silent = Duration.ofNanos(System.nanoTime() - lastPollNanos.get());
        return silent.compareTo(SILENT_TOO_LONG) > 0
                ? Optional.of("the broker was last asked " + silent.toSeconds() + " s ago")
                : Optional.empty();
    }

    private void run() {
        try {
            while (stopping.getCount() > 0) {
                pollOnce();
            }
        } catch (WakeupException e) {
            LOGGER.atDebug().log("woken up to stop");
        } finally {
            consumer.close();
        }
    }

    private void pollOnce() {
        ConsumerRecords<byte[], byte[]> polled = ConsumerRecords.empty();
        try {
            pauseOrResume();
            polled = consumer.poll(POLL);
            lastPollNanos.set(System.nanoTime());
            if (full.getAsBoolean()) {
                rewind(polled); // it filled up while we asked
            } else if (!polled.isEmpty()) {
                handle(polled);
                consumer.commitSync();
            }
            caughtUp = caughtUp || isAtTheEnd();
            backOff = FIRST_BACK_OFF;
            trouble = null;
        } catch (WakeupException e) {
            throw e;
        } catch (RuntimeException e) {
            rewindAndWait(polled, e);
        }
    }

    /** Of every partition that is ours; a partition of which nothing was fetched yet has no lag that is known. */
    private boolean isAtTheEnd() {
        return !consumer.assignment().isEmpty()
                && consumer.assignment().stream()
                        .allMatch(partition -> consumer.currentLag(partition).orElse(1) == 0);
    }

    private void pauseOrResume() {
        if (full.getAsBoolean()) {
            consumer.pause(consumer.assignment()); // again each time: a rebalance forgets it
        } else {
            consumer.resume(consumer.paused());
        }
    }

    /** A record for the dead letters. */
    private record Dead(ConsumerRecord<byte[], byte[]> record, String reason) {}

    /** The dead letters come last: until the rest is safe the batch may be polled again, and they would be put again. */
    private void handle(ConsumerRecords<byte[], byte[]> polled) {
        List<Received> batch = new ArrayList<>();
        List<Dead> dead = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : polled) {
            try {
                batch.add(Received.read(record));
            } catch (UnreadableMessageException e) {
                dead.add(new Dead(record, String.valueOf(e.getMessage())));
            }
        }
        try {
            handleTogether(batch);
        } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
            if (isOutage(e)) {
                throw e;
            }
            LOGGER.atDebug().setCause(e).log("a batch failed; its messages are tried one by one");
            handleOneByOne(batch, dead);
        }
        relay.drain();
        for (Dead each : dead) {
            deadLetters.put(each.record(), each.reason());
            this.dead.increment();
        }
    }

    private void handleTogether(List<Received> batch) {
        if (batch.isEmpty()) {
            return;
        }
        int fresh = store.inTransaction(connection -> {
            List<Received> admitted = Inbox.admit(connection, batch);
            for (Received received : admitted) {
                Envelope envelope = received.envelope();
                Transactions.Unit unit = transactions.unit(connection, envelope.traceparent());
                Timer.Sample sample = Timer.start(meters);
                handler.handle(envelope, unit);
                unit.flush();
                sample.stop(handling(envelope));
            }
            return admitted.size();
        });
        handled.increment(fresh);
        duplicates.increment(batch.size() - fresh);
        committed.run();
    }

    private Timer handling(Envelope envelope) {
        return Timer.builder("fermata.message.handling")
                .description("Time to handle one message, without the commit")
                .tag("service", service)
                .tag("type", envelope.message().getClass().getSimpleName())
                .register(meters);
    }

    private void handleOneByOne(List<Received> batch, List<Dead> dead) {
        for (Received received : batch) {
            for (int attempt = 1; ; attempt++) {
                try {
                    handleTogether(List.of(received));
                    break;
                } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
                    if (isOutage(e)) {
                        throw e;
                    }
                    logFailure(received, attempt, e);
                    if (attempt == ATTEMPTS) {
                        dead.add(new Dead(received.record(), "handling failed " + ATTEMPTS + " times: " + cause(e)));
                        break;
                    }
                    pause(FIRST_BACK_OFF.multipliedBy(attempt));
                }
            }
        }
    }

    private static boolean isOutage(Throwable e) {
        return e instanceof ControlStoreException failed && failed.isOutage();
    }

    private static String cause(Throwable e) {
        return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }

    private static void logFailure(Received received, int attempt, Throwable e) {
        LOGGER.atWarn()
                .addKeyValue(LogKeys.MESSAGE_TYPE, received.envelope().message().type())
                .addKeyValue("key", received.envelope().message().key())
                .addKeyValue(LogKeys.ATTEMPT, attempt)
                .setCause(e)
                .log("message could not be handled");
    }

    /** The batch is polled again. */
    private void rewind(ConsumerRecords<byte[], byte[]> polled) {
        for (TopicPartition partition : polled.partitions()) {
            if (consumer.assignment().contains(partition)) {
                consumer.seek(partition, polled.records(partition).get(0).offset());
            }
        }
    }

    private void rewindAndWait(ConsumerRecords<byte[], byte[]> polled, RuntimeException e) {
        LOGGER.atWarn()
                .addKeyValue(LogKeys.ERROR, cause(e))
                .addKeyValue("retryMillis", backOff.toMillis())
                .log("batch not finished; it is polled again");
        Trouble before = trouble;
        trouble = new Trouble(before == null ? System.nanoTime() : before.sinceNanos(), cause(e));
        rewind(polled);
        pause(backOff);
        Duration doubled = backOff.multipliedBy(2);
        backOff = doubled.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : doubled;
    }

    /** Ends early when the service stops. */
    @SuppressWarnings("ReturnValueIgnored") // whoever called looks at the latch itself
    private void pause(Duration time) {
        try {
            stopping.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            stopping.countDown();
        }
    }

    /** Finishes the batch at hand, commits it and leaves the group. */
    @Override
    public void close() {
        stopping.countDown();
        try {
            if (!thread.join(Duration.ofSeconds(20))) {
                consumer.wakeup();
                thread.join(Duration.ofSeconds(5));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
