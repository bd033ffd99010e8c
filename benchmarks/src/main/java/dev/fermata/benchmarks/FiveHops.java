package dev.fermata.benchmarks;

import dev.fermata.runtime.bus.KafkaClients;
import dev.fermata.runtime.config.KafkaConfig;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The floor: a record of the size of a small message goes through five topics, read and written again by a plain loop at each,
 * at least once. What any orchestration of five hops on this broker and machine cannot beat.
 */
final class FiveHops {
    private static final int HOPS = 5;
    private static final int BYTES = 1_000;

    private FiveHops() {}

    static Measured measure(KafkaConfig config, int count, Duration pace)
            throws InterruptedException, ExecutionException {
        String prefix = "floor." + System.nanoTime() + ".";
        try (Admin admin = KafkaClients.admin(config, "floor")) {
            List<NewTopic> topics = new ArrayList<>();
            for (int i = 0; i <= HOPS; i++) {
                topics.add(new NewTopic(prefix + i, 3, (short) 1));
            }
            admin.createTopics(topics).all().get();
        }
        Histogram micros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(5), 3);
        CountDownLatch arrived = new CountDownLatch(count);
        List<Thread> hops = new ArrayList<>();
        CountDownLatch ready = new CountDownLatch(HOPS + 1);
        for (int i = 0; i <= HOPS; i++) {
            int hop = i;
            hops.add(Thread.ofPlatform().daemon().start(() -> hop(config, prefix, hop, arrived, ready, micros)));
        }
        ready.await();
        long begin = System.nanoTime();
        try (Producer<String, byte[]> producer = KafkaClients.producer(config, "floor-source")) {
            for (int i = 0; i < count; i++) {
                long due = begin + i * pace.toNanos();
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                ByteBuffer body = ByteBuffer.allocate(BYTES).putLong(System.nanoTime());
                producer.send(new ProducerRecord<>(prefix + 0, "k" + i, body.array()))
                        .get();
            }
        }
        if (!arrived.await(2, TimeUnit.MINUTES)) {
            throw new IllegalStateException(arrived.getCount() + " records did not arrive");
        }
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        for (Thread hop : hops) {
            hop.join(); // each looks at the latch between two polls
        }
        return Measured.of(count, took, micros);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // flush() waits for all of them
    private static void hop(
            KafkaConfig config,
            String prefix,
            int hop,
            CountDownLatch arrived,
            CountDownLatch ready,
            Histogram micros) {
        try (Consumer<String, byte[]> consumer = KafkaClients.consumer(config, prefix + hop, "floor-" + hop);
                Producer<String, byte[]> producer = KafkaClients.producer(config, "floor-" + hop)) {
            consumer.subscribe(List.of(prefix + hop));
            boolean assigned = false;
            while (arrived.getCount() > 0) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    if (hop == HOPS) {
                        long sent = ByteBuffer.wrap(record.value()).getLong();
                        micros.recordValue((System.nanoTime() - sent) / 1000);
                        arrived.countDown();
                    } else {
                        producer.send(new ProducerRecord<>(prefix + (hop + 1), record.key(), record.value()));
                    }
                }
                producer.flush();
                consumer.commitSync();
                if (!assigned && !consumer.assignment().isEmpty()) {
                    assigned = true;
                    ready.countDown();
                }
            }
        }
    }
}
