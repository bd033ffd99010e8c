package dev.fermata.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalGranted;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.MessageType;
import dev.fermata.contracts.message.Topic;
import dev.fermata.testsupport.RealPostgres;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders on a production target, good and bad, with everything real. */
class FirstLightIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static TestSystem system;

    @BeforeAll
    static void start() throws Exception {
        system = TestSystem.inProcess(
                folder,
                "production",
                Map.of(
                        "targets.down.host", "127.0.0.1",
                        "targets.down.port", "1",
                        "targets.down.database", "nowhere",
                        "targets.down.user", "nobody",
                        "targets.down.password-file",
                                TestSystem.secret(folder, "down", "x").toString(),
                        "targets.locked.host", RealPostgres.shared().host(),
                        "targets.locked.port", "" + RealPostgres.shared().port(),
                        "targets.locked.database", "postgres",
                        "targets.locked.user", "postgres",
                        "targets.locked.password-file",
                                TestSystem.secret(folder, "locked", "wrong-secret")
                                        .toString()));
        system.target()
                .execute(
                        "CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL)",
                        "INSERT INTO customers SELECT n, 'c' || (n % 100) || '@x.example' FROM generate_series(1, 500)"
                                + " AS n",
                        "CREATE TABLE stock (id integer PRIMARY KEY, amount integer NOT NULL)",
                        "INSERT INTO stock SELECT n, n FROM generate_series(1, 500) AS n",
                        "ANALYZE");
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    private static String order(String name, String target, String front, String change, String rollback) {
        String back = rollback.isEmpty() ? "" : "```sql rollback\n" + rollback + "\n```\n";
        return "---\nname: " + name + "\nauthor: ada@example.org\ntargets: [" + target + "]\nsoak: 0s\n" + front
                + "---\n```sql change\n" + change + "\n```\n" + back;
    }

    private static JsonNode rest(String id) {
        await("order " + id + " comes to rest")
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(system.state(id)).isIn(TestSystem.AT_REST));
        return system.run(id);
    }

    private static String post(String document) throws Exception {
        return system.post(document, Ulid.system().next());
    }

    private static JsonNode approved(String id) throws Exception {
        JsonNode run = rest(id);
        assertThat(run.path("state").asText()).isEqualTo("awaiting-approval");
        assertThat(system.approve(id, run.path("digest").asText(), "bob@example.org")
                        .statusCode())
                .isEqualTo(202);
        await("the answer is heard").atMost(SOON).untilAsserted(() -> assertThat(system.state(id))
                .isNotEqualTo("awaiting-approval"));
        return rest(id);
    }

    @Test
    void aChangeOnProductionRunsAfterSomebodyElseApprovedItsDigestAndEveryMessageIsOnTheTopics() throws Exception {
        String id = post(order("note", "shop", "", "ALTER TABLE stock ADD COLUMN note text;", ""));
        JsonNode run = approved(id);
        assertThat(run.path("state").asText()).isEqualTo("succeeded");
        assertThat(system.target()
                        .ask("SELECT count(*) FROM pg_attribute WHERE attrelid = 'stock'::regclass AND"
                                + " attname = 'note'"))
                .isEqualTo("1");
        Map<String, String> gates = new HashMap<>();
        run.path("outcome")
                .path("gates")
                .forEach(
                        g -> gates.put(g.path("name").asText(), g.path("status").asText()));
        assertThat(gates)
                .containsEntry("planned", "passed")
                .containsEntry("backup-verified", "passed")
                .containsEntry("rollback-tested", "passed")
                .containsEntry("approved", "passed")
                .containsEntry("migrated", "passed")
                .containsEntry("verified", "passed");
        assertThatAPlainConsumerReads(id);
    }

    private static void assertThatAPlainConsumerReads(String id) {
        Set<String> types = new TreeSet<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                system.setting("kafka.bootstrap-servers"),
                ConsumerConfig.GROUP_ID_CONFIG,
                "plain-" + id,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                StringDeserializer.class,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class))) {
            consumer.subscribe(Arrays.stream(Topic.values())
                    .map(topic -> topic.name(system.setting("kafka.topic-prefix")))
                    .toList());
            await("the end of the order is read").atMost(SOON).until(() -> {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(300))) {
                    if (record.key() != null && record.key().startsWith(id)) {
                        types.add(typeOf(record));
                    }
                }
                return types.contains("dev.fermata.WorkOrderEnded.v1");
            });
        }
        assertThat(types)
                .contains(
                        "dev.fermata.WorkOrderIssued.v1",
                        "dev.fermata.ImpactReported.v1",
                        "dev.fermata.PrepareOrdered.v1",
                        "dev.fermata.PlanPrepared.v1",
                        "dev.fermata.RehearsalReported.v1",
                        "dev.fermata.ApprovalRequested.v1",
                        "dev.fermata.ApprovalGranted.v1",
                        "dev.fermata.ExecutionOrdered.v1",
                        "dev.fermata.BackupVerified.v1",
                        "dev.fermata.StepCompleted.v1",
                        "dev.fermata.Executed.v1",
                        "dev.fermata.Verified.v1",
                        "dev.fermata.RunEnded.v1")
                .allSatisfy(type -> assertThat(MessageType.find(type)).isPresent());
    }

    private static String typeOf(ConsumerRecord<String, byte[]> record) throws Exception {
        Map<String, String> headers = new HashMap<>();
        record.headers().forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        assertThat(headers).containsKeys("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject");
        assertThat(Json.mapper().readTree(record.value()).isObject()).isTrue();
        return headers.getOrDefault("ce_type", "");
    }

    @Test
    void renamesKeepBothNamesUntilTheWordToContract() throws Exception {
        system.target()
                .execute(
                        "CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL)",
                        "INSERT INTO people SELECT n, n || '@x.example' FROM generate_series(1, 100) AS n",
                        "CREATE TABLE parcels (id integer PRIMARY KEY, customer bigint REFERENCES people (id))",
                        "INSERT INTO parcels SELECT n, n FROM generate_series(1, 100) AS n",
                        "ANALYZE people, parcels");
        String id = post(order(
                "rename",
                "shop",
                "",
                "ALTER TABLE parcels RENAME TO shipments;\nALTER TABLE shipments RENAME COLUMN customer TO receiver;\n"
                        + "ALTER TABLE people RENAME COLUMN email TO address;",
                ""));
        JsonNode run = approved(id);
        assertThat(run.path("state").asText()).as(run.toPrettyString()).isEqualTo("awaiting-contract");
        system.target()
                .execute(
                        "INSERT INTO people (id, email) VALUES (1001, 'old@x.example')",
                        "INSERT INTO people (id, address) VALUES (1002, 'new@x.example')",
                        "INSERT INTO parcels (id, customer) VALUES (1001, 1001)",
                        "INSERT INTO shipments (id, receiver) VALUES (1002, 1002)");
        assertThat(system.target().askAll("SELECT email = address FROM people WHERE id > 1000"))
                .containsExactly("t", "t");
        assertThat(system.contract(id, "eve@example.org").statusCode()).isEqualTo(202);
        await("the word is heard").atMost(SOON).untilAsserted(() -> assertThat(system.state(id))
                .isNotEqualTo("awaiting-contract"));
        assertThat(rest(id).path("state").asText()).as(id).isEqualTo("succeeded");
        assertThat(system.target()
                        .ask("SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE"
                                + " attrelid = 'people'::regclass AND attnum > 0 AND NOT attisdropped"))
                .isEqualTo("id address");
        assertThat(system.target()
                        .ask("SELECT count(*) FROM shipments AS s JOIN people AS c ON c.id = s.receiver"
                                + " WHERE address LIKE '%@x.example' AND c.id > 1000"))
                .isEqualTo("2");
        assertThat(system.target().ask("SELECT to_regclass('parcels') IS NULL")).isEqualTo("t");
    }

    @Test
    void aRehearsalThatFailsAsksForChangesAndNamesStatementAndReasonAndProductionIsUntouched() throws Exception {
        String id = post(order(
                "unique",
                "shop",
                "",
                "ALTER TABLE customers ADD COLUMN seen boolean;\n"
                        + "ALTER TABLE customers ADD CONSTRAINT one_email UNIQUE (email);",
                ""));
        assertThat(rest(id).path("state").asText()).isEqualTo("changes-requested");
        JsonNode feedback = feedback(id);
        assertThat(feedback.path("statement").asInt()).isEqualTo(1);
        assertThat(feedback.path("line").asInt()).isEqualTo(2);
        assertThat(feedback.path("problem").asText()).contains("one_email").doesNotContain("@x.example");
        assertThat(system.target()
                        .ask("SELECT count(*) FROM pg_attribute WHERE attrelid = 'customers'::regclass AND"
                                + " attname = 'seen'"))
                .isEqualTo("0");
    }

    @Test
    void sqlThatDoesNotParseIsRefusedWithLineAndColumn() throws Exception {
        String id = post(order(
                "typo", "shop", "", "ALTER TABLE stock ADD COLUMN a int;\nALTER TABEL stock ADD COLUMN b int;", ""));
        JsonNode run = rest(id);
        assertThat(run.path("state").asText()).isEqualTo("changes-requested");
        JsonNode feedback = feedback(id);
        assertThat(feedback.path("line").asInt()).isEqualTo(2);
        assertThat(feedback.path("column").asInt()).isEqualTo(7);
        assertThat(run.path("reason").asText()).contains("syntax error at or near \"TABEL\"");
    }

    @Test
    void aRollbackThatDoesNotUndoIsFoundByTheRehearsalWhichNamesTheDifference() throws Exception {
        String id = post(order(
                "half-undone",
                "shop",
                "",
                "ALTER TABLE stock ADD COLUMN left_over text;",
                "COMMENT ON TABLE stock IS 'undone, they say';"));
        JsonNode run = rest(id);
        assertThat(run.path("state").asText()).isEqualTo("changes-requested");
        assertThat(run.path("reason").asText()).contains("does not undo").contains("public.stock.left_over");
    }

    @Test
    void dataThatARollbackDoesNotBringBackIsFoundByTheRehearsal() throws Exception {
        String id = post(order(
                "lossy", "shop", "", "UPDATE stock SET amount = amount + 1;", "UPDATE stock SET amount = amount - 2;"));
        JsonNode run = rest(id);
        assertThat(run.path("state").asText()).isEqualTo("changes-requested");
        assertThat(run.path("reason").asText()).contains("public.stock").contains("other content");
        assertThat(system.target().ask("SELECT sum(amount) FROM stock")).isEqualTo("125250");
    }

    @Test
    void aTargetThatIsDownFailsTheRunAndSaysWhatToDo() throws Exception {
        JsonNode run = rest(post(order("nowhere", "down", "", "CREATE TABLE x (id int);", "")));
        assertThat(run.path("state").asText()).isEqualTo("failed");
        assertThat(run.path("outcome").path("rootCause").path("code").asText()).isEqualTo("target-unreachable");
        assertThat(run.path("outcome").path("nextSteps").toString()).contains("fermata target check down");
    }

    @Test
    void aTargetThatRefusesThePasswordFailsTheRunWithoutShowingThePassword() throws Exception {
        JsonNode run = rest(post(order("no-entry", "locked", "", "CREATE TABLE x (id int);", "")));
        assertThat(run.path("state").asText()).isEqualTo("failed");
        assertThat(run.path("outcome").path("rootCause").path("code").asText()).isEqualTo("target-refuses-login");
        assertThat(run.toString()).doesNotContain("wrong-secret");
    }

    @Test
    void statementsThatReachBeyondTheSchemaAreRefused() throws Exception {
        String id = post(order("evil", "shop", "", "ALTER SYSTEM SET fsync = off;", ""));
        assertThat(rest(id).path("state").asText()).isEqualTo("changes-requested");
        assertThat(feedback(id).path("problem").asText()).contains("may not be part of a change");
    }

    /** It comes by another topic than the state. */
    private JsonNode feedback(String id) throws Exception {
        await("the feedback")
                .atMost(SOON)
                .until(() -> !system.run(id).path("feedback").isEmpty());
        return system.run(id).path("feedback").path(0);
    }

    @Test
    void answersWithAStaleDigestOrByTheAuthorOnTheTopicItselfDoNotCount() throws Exception {
        String id = post(order("guarded", "shop", "", "CREATE TABLE guarded (id int PRIMARY KEY);", ""));
        JsonNode run = rest(id);
        assertThat(run.path("state").asText()).isEqualTo("awaiting-approval");
        String digest = run.path("digest").asText();
        String stale = "sha256:" + "0".repeat(64);
        say(yes(id, stale, "bob@example.org"), id);
        say(yes(id, digest, "Ada@Example.org"), id);
        await("both are refused").atMost(SOON).untilAsserted(() -> assertThat(system.events(id).stream()
                        .filter(e -> e.path("type").asText().equals("DecisionRefused"))
                        .map(e -> e.path("data").path("code").asText()))
                .containsExactlyInAnyOrder("plan-changed", "self-approval"));
        assertThat(system.state(id)).isEqualTo("awaiting-approval");
        HttpResponse<String> byAuthor = system.approve(id, digest, "ada@example.org");
        assertThat(byAuthor.statusCode()).isEqualTo(403);
        assertThat(system.approve(id, stale, "bob@example.org").statusCode()).isEqualTo(412);
        assertThat(system.send("POST", "/v1/work-orders/" + id + "/cancel", "{\"by\":\"eve\",\"reason\":\"enough\"}")
                        .statusCode())
                .isEqualTo(202);
        assertThat(rest(id).path("state").asText()).isIn("cancelled", "awaiting-approval");
        await("cancelled").atMost(SOON).untilAsserted(() -> assertThat(system.state(id))
                .isEqualTo("cancelled"));
    }

    private static ApprovalGranted yes(String id, String digest, String by) {
        return new ApprovalGranted(RunId.parse(id + "/shop"), 1, digest, Actor.person(by), "", Instant.now());
    }

    private static void say(Message message, String id) throws Exception {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, system.setting("kafka.bootstrap-servers"),
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class))) {
            Envelope envelope = new Envelope(Ulid.system().next(), "test", Instant.now(), null, message);
            ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                    message.topic().name(system.setting("kafka.topic-prefix")),
                    message.key(),
                    CloudEvents.body(envelope));
            CloudEvents.headers(envelope)
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            producer.send(record).get();
        }
    }

    @Test
    void aGarbageRecordGoesToTheDeadLettersAndTheTopicGoesOn() throws Exception {
        String prefix = system.setting("kafka.topic-prefix");
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, system.setting("kafka.bootstrap-servers"),
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class))) {
            for (int partition = 0; partition < 3; partition++) {
                producer.send(new ProducerRecord<>(
                                prefix + "directives", partition, "x", "{garbage".getBytes(StandardCharsets.UTF_8)))
                        .get();
            }
        }
        JsonNode run = approved(
                post(order("after-garbage", "shop", "", "CREATE TABLE after_garbage (id int PRIMARY KEY);", "")));
        assertThat(run.path("state").asText()).isEqualTo("succeeded");
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                system.setting("kafka.bootstrap-servers"),
                ConsumerConfig.GROUP_ID_CONFIG,
                "letters",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                StringDeserializer.class,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
                ByteArrayDeserializer.class))) {
            consumer.subscribe(List.of(prefix + "dead-letters"));
            await("the letter is there").atMost(SOON).until(() -> {
                for (ConsumerRecord<String, byte[]> letter : consumer.poll(Duration.ofMillis(300))) {
                    String reason = new String(
                            letter.headers().lastHeader("fermata-dlq-reason").value(), StandardCharsets.UTF_8);
                    if (reason.startsWith("header ce_specversion: missing")) {
                        return true;
                    }
                }
                return false;
            });
        }
    }
}
