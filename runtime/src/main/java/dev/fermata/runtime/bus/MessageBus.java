package dev.fermata.runtime.bus;

import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.config.KafkaConfig;
import dev.fermata.runtime.http.HealthRoutes;
import dev.fermata.runtime.jobs.JobRunner;
import dev.fermata.runtime.store.ControlStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/** The loops of one service: one for messages, one for timers, one for the outbox. */
public final class MessageBus implements AutoCloseable {
    private final String service;
    private final KafkaConfig config;
    private final ControlStore store;
    private final Transactions transactions;
    private final OutboxRelay relay;
    private final Producer<String, byte[]> producer;
    private final MeterRegistry meters;
    private volatile @Nullable MessageLoop messages;
    private @Nullable TimerLoop timers;
    private @Nullable OutboxLoop outbox;

    public MessageBus(
            String service,
            KafkaConfig config,
            ControlStore store,
            Transactions transactions,
            OutboxRelay relay,
            Producer<String, byte[]> producer,
            MeterRegistry meters) {
        this.service = service;
        this.config = config;
        this.store = store;
        this.transactions = transactions;
        this.relay = relay;
        this.producer = producer;
        this.meters = meters;
    }

    /**
     * Begins to consume.
     *
     * @param jobs of a worker: they are woken after each batch, and the partitions pause while they are full
     */
    public void start(List<Topic> topics, MessageHandler handler, TimerHandler timerHandler, Optional<JobRunner> jobs) {
        OutboxLoop outboxLoop = new OutboxLoop(service, store, relay, meters);
        outboxLoop.start();
        outbox = outboxLoop;
        Consumer<byte[], byte[]> consumer =
                KafkaClients.rawConsumer(config, config.topicPrefix() + service, service + "-consumer");
        consumer.subscribe(
                topics.stream().map(t -> t.name(config.topicPrefix())).toList());
        MessageLoop loop = new MessageLoop(
                service,
                consumer,
                store,
                transactions,
                relay,
                new DeadLetters(producer, config.topicPrefix(), service),
                handler,
                () -> jobs.map(JobRunner::isFull).orElse(false),
                () -> jobs.ifPresent(JobRunner::wakeUp),
                meters);
        loop.start();
        messages = loop;
        TimerLoop timerLoop =
                new TimerLoop(service, store, transactions, relay, timerHandler, loop::hasCaughtUp, meters);
        timerLoop.start();
        timers = timerLoop;
    }

    /** Whether the consumer is alive. */
    public HealthRoutes.Check check() {
        return new HealthRoutes.Check() {
            @Override
            public String name() {
                return "kafka-consumer";
            }

            @Override
            public Optional<String> problem() {
                MessageLoop loop = messages;
                return loop == null ? Optional.of("not started") : loop.problem();
            }
        };
    }

    /** Takes no more messages; timers and outbox go on. */
    public void stopListening() {
        MessageLoop loop = messages;
        if (loop != null) {
            loop.close();
        }
    }

    /** Ends everything; what was said until now is published when the broker takes it. */
    @Override
    public void close() {
        stopListening();
        TimerLoop timerLoop = timers;
        if (timerLoop != null) {
            timerLoop.close();
        }
        OutboxLoop outboxLoop = outbox;
        if (outboxLoop != null) {
            outboxLoop.close();
        }
    }
}
