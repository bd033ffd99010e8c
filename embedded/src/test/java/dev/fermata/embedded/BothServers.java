package dev.fermata.embedded;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Both servers on one folder, with one row and one record to find again. Also a program, to be killed. */
record BothServers(EmbeddedPostgres postgres, EmbeddedKafka kafka) implements AutoCloseable {
    private static final String TOPIC = "notes";

    static BothServers start(Path folder) {
        EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.resolve("postgres"));
        return new BothServers(postgres, EmbeddedKafka.start(folder.resolve("kafka")));
    }

    /** Starts, writes, says the process number of PostgreSQL, and waits to be killed. */
    public static void main(String[] arguments) throws Exception {
        BothServers servers = start(Path.of(arguments[0]));
        servers.write("written before the crash");
        System.out.println("postgres " + servers.postgres.pid());
        Thread.currentThread().join();
    }

    void write(String text) throws Exception {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists note(text text)");
            statement.execute("insert into note values ('" + text + "')");
        }
        Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all");
        try (Admin admin = Admin.create(settings);
                KafkaProducer<String, String> producer =
                        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            if (!admin.listTopics().names().get().contains(TOPIC)) {
                admin.createTopics(Set.of(new NewTopic(TOPIC, 1, (short) 1)))
                        .all()
                        .get();
            }
            producer.send(new ProducerRecord<>(TOPIC, text)).get();
        }
    }

    List<String> rows() throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("select text from note")) {
            while (found.next()) {
                rows.add(found.getString(1));
            }
        }
        return rows;
    }

    List<String> records(int count) {
        Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrapServers());
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(TOPIC, 0);
            consumer.assign(Set.of(partition));
            consumer.seekToBeginning(Set.of(partition));
            List<String> records = new ArrayList<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (records.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(found -> records.add(found.value()));
            }
            return records;
        }
    }

    private Connection connect() throws SQLException {
        PostgresAddress address = postgres.address();
        return DriverManager.getConnection(address.jdbcUrl("postgres"), address.superuser(), address.password());
    }

    @Override
    public void close() {
        kafka.close();
        postgres.close();
    }
}
