package dev.fermata.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.runtime.config.Secret;
import dev.fermata.runtime.config.TargetConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExecutionWorkerTest {
    @Test
    void theRegistrySaysWhomItActsAs() {
        TargetConfig config = new TargetConfig(
                "shop", "127.0.0.1", 1, "shop", "fermata", "owner", new Secret("pw"), "test", Map.of(), Map.of());
        assertThat(ExecutionWorker.targets(Map.of("shop", config)).get("shop"))
                .extracting(target -> target.address().role())
                .isEqualTo("owner");
    }
}
