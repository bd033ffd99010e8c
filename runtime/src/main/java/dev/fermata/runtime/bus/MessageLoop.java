package dev.fermata.runtime.bus;

import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.codec.UnreadableMessageException;
import dev.fermata.runtime.store.ControlStore;
import dev.fermata.runtime.store.ControlStoreException;
import dev.fermata.runtime.telemetry.LogKeys;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of one consumer, on a thread of its own. For each polled batch: one transaction (inbox, handler, outbox), publish,
 * commit the offsets. After an outage the batch is polled again, and what was committed of it is dropped by the inbox. A
 * message whose handling fails for another reason is tried alone a few times and then put to the dead letters, so that it
 * holds up nobody else.
 */
final class MessageLoop implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(MessageLoop.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(5);
    private static final int ATTEMPTS = 3;

    private final Consumer<String, byte[]> consumer;
    private final ControlStore store;
    private final Transactions transactions;
    private final OutboxRelay relay;
    private final DeadLetters deadLetters;
    private final MessageHandler handler;
    private final BooleanSupplier full;
    private final Runnable committed;
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicLong lastPollNanos = new AtomicLong(System.nanoTime());
    private final Counter handled;
    private final Counter duplicates;
    private final Counter dead;
    private Duration backOff = FIRST_BACK_OFF;

    /**
     * @param full whether no more work can be accepted; then the partitions are paused
     * @param committed called after each committed transaction
     */
    MessageLoop(
            String service,
            Consumer<String, byte[]> consumer,
            ControlStore store,
            Transactions transactions,
            OutboxRelay relay,
            DeadLetters deadLetters,
            MessageHandler handler,
            BooleanSupplier full,
            Runnable committed,
            MeterRegistry meters) {
        this.consumer = consumer;
        this.store = store;
        this.transactions = transactions;
        this.relay = relay;
        this.deadLetters = deadLetters;
        this.handler = handler;
        this.full = full;
        this.committed = committed;
        this.handled = meters.counter("fermata.messages.handled", "service", service);
        this.duplicates = meters.counter("fermata.messages.duplicate", "service", service);
        this.dead = meters.counter("fermata.messages.dead", "service", service);
        this.thread = Thread.ofPlatform().name(service + "-messages").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Time since the loop last asked the broker, for readiness. */
    Duration sinceLastPoll() {
        return Duration.ofNanos(System.nanoTime() - lastPollNanos.get());
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
        if (full.getAsBoolean()) {
            consumer.pause(consumer.assignment()); // again each time: a rebalance forgets it
        } else {
            consumer.resume(consumer.paused());
        }
        ConsumerRecords<String, byte[]> polled = consumer.poll(POLL);
        lastPollNanos.set(System.nanoTime());
        if (polled.isEmpty()) {
            return;
        }
        try {
            handle(polled);
            relay.drain();
            consumer.commitSync();
            backOff = FIRST_BACK_OFF;
        } catch (WakeupException e) {
            throw e;
        } catch (ControlStoreException | KafkaException | BrokerUnavailableException e) {
            rewindAndWait(polled, e);
        }
    }

    private void handle(ConsumerRecords<String, byte[]> polled) {
        List<Received> batch = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : polled) {
            try {
                batch.add(Received.read(record));
            } catch (UnreadableMessageException e) {
                putToDeadLetters(record, String.valueOf(e.getMessage()));
            }
        }
        try {
            handleTogether(batch);
        } catch (ControlStoreException e) {
            if (e.isOutage()) {
                throw e;
            }
            handleOneByOne(batch);
        } catch (RuntimeException e) {
            LOGGER.atDebug().setCause(e).log("a batch failed; its messages are tried one by one");
            handleOneByOne(batch);
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
                handler.handle(envelope, unit);
                unit.flush();
            }
            return admitted.size();
        });
        handled.increment(fresh);
        duplicates.increment(batch.size() - fresh);
        committed.run();
    }

    private void handleOneByOne(List<Received> batch) {
        for (Received received : batch) {
            for (int attempt = 1; ; attempt++) {
                try {
                    handleTogether(List.of(received));
                    break;
                } catch (RuntimeException e) {
                    if (e instanceof ControlStoreException store && store.isOutage()) {
                        throw e;
                    }
                    logFailure(received, attempt, e);
                    if (attempt == ATTEMPTS) {
                        putToDeadLetters(received.record(), "handling failed " + ATTEMPTS + " times: " + cause(e));
                        break;
                    }
                }
            }
        }
    }

    private static String cause(RuntimeException e) {
        return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }

    private void putToDeadLetters(ConsumerRecord<String, byte[]> record, String reason) {
        deadLetters.put(record, reason);
        dead.increment();
    }

    private static void logFailure(Received received, int attempt, RuntimeException e) {
        LOGGER.atWarn()
                .addKeyValue(LogKeys.MESSAGE_TYPE, received.envelope().message().type())
                .addKeyValue("key", received.envelope().message().key())
                .addKeyValue(LogKeys.ATTEMPT, attempt)
                .setCause(e)
                .log("message could not be handled");
    }

    private void rewindAndWait(ConsumerRecords<String, byte[]> polled, RuntimeException e) {
        LOGGER.atWarn()
                .addKeyValue(LogKeys.ERROR, e.getMessage())
                .addKeyValue("retryMillis", backOff.toMillis())
                .log("batch not finished; it is polled again");
        Map<TopicPartition, OffsetAndMetadata> starts = new HashMap<>();
        for (TopicPartition partition : polled.partitions()) {
            starts.put(partition, new OffsetAndMetadata(polled.records(partition).get(0).offset()));
        }
        starts.keySet().retainAll(consumer.assignment());
        starts.forEach(consumer::seek);
        try {
            if (stopping.await(backOff.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            stopping.countDown();
        }
        Duration doubled = backOff.multipliedBy(2);
        backOff = doubled.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : doubled;
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
