package dev.fermata.runtime;

import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.bus.KafkaClients;
import dev.fermata.runtime.bus.Mentions;
import dev.fermata.runtime.bus.MessageBus;
import dev.fermata.runtime.bus.MessageHandler;
import dev.fermata.runtime.bus.OutboxRelay;
import dev.fermata.runtime.bus.TimerHandler;
import dev.fermata.runtime.bus.TopicSetup;
import dev.fermata.runtime.bus.Transactions;
import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.http.HealthRoutes;
import dev.fermata.runtime.jobs.JobHandler;
import dev.fermata.runtime.jobs.JobRunner;
import dev.fermata.runtime.jobs.JobSettings;
import dev.fermata.runtime.store.ControlStore;
import dev.fermata.runtime.store.ControlStoreException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts that every service is assembled from, started in order and closed in reverse: topics, control store, producer,
 * HTTP, jobs, timers, and last the consumer, so that nothing arrives before it can be handled.
 *
 * <p>A service makes one, builds its own parts on {@link #store()} and {@link #transactions()}, and calls {@link #start}.
 */
public final class ServiceRuntime implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(ServiceRuntime.class);
    private static final Duration HTTP_DEADLINE = Duration.ofSeconds(20);

    private final String service;
    private final CommonConfig config;
    private final Vertx vertx;
    private final Clock clock = Clock.systemUTC();
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ControlStore store;
    private final Producer<String, byte[]> producer;
    private final Transactions transactions;
    private final OutboxRelay relay;
    private final Mentions mentions;
    private @Nullable HttpServer http;
    private @Nullable JobRunner jobs;
    private @Nullable MessageBus bus;

    private ServiceRuntime(
            String service, CommonConfig config, Vertx vertx, ControlStore store, Producer<String, byte[]> producer) {
        this.service = service;
        this.config = config;
        this.vertx = vertx;
        this.store = store;
        this.producer = producer;
        String source = "fermata/" + service;
        Ulid ulids = new Ulid(clock, new SecureRandom());
        this.transactions = new Transactions(store, config.kafka().topicPrefix(), source, ulids, clock);
        this.relay = new OutboxRelay(store, producer);
        this.mentions = new Mentions(producer, config.kafka().topicPrefix(), source, ulids, clock);
    }

    /**
     * Connects to control database and broker, brings the schema up to date and creates or checks the topics.
     *
     * @param service name such as {@code worker-analysis}; its schema in the control database has dashes replaced
     * @param vertx shared; not closed here
     */
    public static ServiceRuntime open(String service, CommonConfig config, Vertx vertx) {
        try (Admin admin = KafkaClients.admin(config.kafka(), service + "-topics")) {
            for (String problem : TopicSetup.createOrCheck(admin, config.kafka())) {
                LOGGER.atWarn().addKeyValue("service", service).log(problem);
            }
        }
        ControlStore store = ControlStore.open(config.control(), service.replace('-', '_'));
        try {
            return new ServiceRuntime(
                    service, config, vertx, store, KafkaClients.producer(config.kafka(), worker(service, config)));
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /** What a service does; everything but the topics and the handler may be left out. */
    public record Behaviour(
            List<Topic> consumes,
            MessageHandler handler,
            TimerHandler timers,
            @Nullable JobSettings jobSettings,
            @Nullable JobHandler jobHandler,
            Consumer<Router> routes) {

        /** A service that decides on messages and timers. */
        public static Behaviour deciding(
                List<Topic> consumes, MessageHandler handler, TimerHandler timers, Consumer<Router> routes) {
            return new Behaviour(consumes, handler, timers, null, null, routes);
        }

        /** A service whose handler accepts jobs. */
        public static Behaviour working(
                List<Topic> consumes, MessageHandler handler, JobSettings settings, JobHandler jobs) {
            return new Behaviour(consumes, handler, TimerHandler.none(), settings, jobs, router -> {});
        }
    }

    /** Starts everything. Returns once HTTP answers and the consumer has begun to poll; where it throws, all is closed. */
    public void start(Behaviour behaviour) {
        try {
            startParts(behaviour);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        LOGGER.atInfo()
                .addKeyValue("service", service)
                .addKeyValue("instance", config.instance())
                .addKeyValue("port", httpPort())
                .log("service started");
    }

    private void startParts(Behaviour behaviour) {
        MessageBus messages = new MessageBus(service, config.kafka(), store, transactions, relay, producer, meters);
        http = listen(behaviour.routes(), messages);
        Optional<JobRunner> runner = jobRunner(behaviour);
        runner.ifPresent(JobRunner::start);
        bus = messages;
        messages.start(behaviour.consumes(), behaviour.handler(), behaviour.timers(), runner);
    }

    private Optional<JobRunner> jobRunner(Behaviour behaviour) {
        if (behaviour.jobHandler() == null || behaviour.jobSettings() == null) {
            return Optional.empty();
        }
        JobRunner runner = new JobRunner(
                behaviour.jobSettings(), worker(), store, transactions, relay, mentions, behaviour.jobHandler());
        gauge("fermata.jobs.running", "Jobs that this process works on", runner::running);
        gauge("fermata.jobs.waiting", "Accepted jobs that nobody works on", runner::waiting);
        jobs = runner;
        return Optional.of(runner);
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value)
                .description(description)
                .tag("service", service)
                .register(meters);
    }

    private HttpServer listen(Consumer<Router> routes, MessageBus running) {
        Router router = Router.router(vertx);
        HealthRoutes.mount(vertx, router, meters, List.of(controlCheck(), running.check()));
        routes.accept(router);
        var listening = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(config.http().host())
                        .setPort(config.http().port())
                        .setIdleTimeout(0))
                .requestHandler(router)
                .listen();
        try {
            return listening
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(HTTP_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "http.port: " + config.http().port() + " cannot be listened on (" + e.getMessage()
                            + "); choose a free one",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting HTTP", e);
        }
    }

    private HealthRoutes.Check controlCheck() {
        return new HealthRoutes.Check() {
            @Override
            public String name() {
                return "control-database";
            }

            @Override
            public Optional<String> problem() {
                try {
                    return store.inTransaction(connection -> connection.isValid(1))
                            ? Optional.empty()
                            : Optional.of("the connection does not answer");
                } catch (ControlStoreException e) {
                    return Optional.of(String.valueOf(e.getMessage()));
                }
            }
        };
    }

    public ControlStore store() {
        return store;
    }

    public Transactions transactions() {
        return transactions;
    }

    /** Call after a transaction of one's own that said something. */
    public OutboxRelay relay() {
        return relay;
    }

    public PrometheusMeterRegistry meters() {
        return meters;
    }

    public Vertx vertx() {
        return vertx;
    }

    public Clock clock() {
        return clock;
    }

    /** Name of this process among its siblings. */
    public String worker() {
        return worker(service, config);
    }

    private static String worker(String service, CommonConfig config) {
        return service + "@" + config.instance() + "." + ProcessHandle.current().pid();
    }

    /** The port that HTTP really listens on. */
    public int httpPort() {
        HttpServer server = http;
        return server == null ? config.http().port() : server.actualPort();
    }

    /** Drains: no new messages, running jobs end or are given back, HTTP ends, connections close. */
    @Override
    public void close() {
        List<AutoCloseable> inOrder = new ArrayList<>();
        MessageBus messages = bus;
        if (messages != null) {
            inOrder.add(messages::stopListening);
        }
        if (jobs != null) {
            inOrder.add(jobs);
        }
        if (messages != null) {
            inOrder.add(messages);
        }
        HttpServer server = http;
        if (server != null) {
            inOrder.add(() -> server.close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(HTTP_DEADLINE.toMillis(), TimeUnit.MILLISECONDS));
        }
        inOrder.add(() -> producer.close(Duration.ofSeconds(10)));
        inOrder.add(store);
        for (AutoCloseable part : inOrder) {
            try {
                part.close();
            } catch (Exception e) {
                LOGGER.atWarn().addKeyValue("service", service).setCause(e).log("a part did not close in order");
            }
        }
        LOGGER.atInfo().addKeyValue("service", service).log("service stopped");
    }
}
