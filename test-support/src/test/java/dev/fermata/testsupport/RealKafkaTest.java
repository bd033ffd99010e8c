package dev.fermata.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class RealKafkaTest {
    @Test
    void eachTestHasAPrefixOfItsOwn() {
        RealKafka kafka = RealKafka.shared();
        assertThat(kafka.newPrefix()).matches("t[0-9a-f]{8}-").isNotEqualTo(kafka.newPrefix());
    }

    @Test
    void topicsSurviveAnOutage() throws Exception {
        try (RealKafka kafka = RealKafka.startOwn();
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(Set.of(new NewTopic("orders", 2, (short) 1)))
                    .all()
                    .get();
            String address = kafka.bootstrapServers();
            kafka.restart();
            assertThat(kafka.bootstrapServers()).isEqualTo(address);
            assertThat(admin.listTopics().names().get()).contains("orders");
        }
    }

    @Test
    void theSharedBrokerCannotBeStopped() {
        assertThatThrownBy(() -> RealKafka.shared().stop())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("RealKafka.startOwn()");
    }
}
