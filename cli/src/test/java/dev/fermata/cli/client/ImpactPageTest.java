package dev.fermata.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.json.Json;
import org.junit.jupiter.api.Test;

class ImpactPageTest {
    private static String suppressed(String impact) throws JsonProcessingException {
        Page page = new Page();
        ImpactPage.addSuppressed(page, Json.mapper().readTree(impact));
        return page.toString();
    }

    @Test
    void whatThePolicyLetsPassIsShownWithItsReason() throws JsonProcessingException {
        assertThat(suppressed("""
            {"suppressed": [{"finding": {"severity": "high", "rule": "drop-table", "line": 3, "message": "gone"},
              "by": "fermata-policy.yaml:4", "reason": "nobody uses it"}]}
            """))
                .contains(
                        "suppressed by the policy",
                        "high drop-table at line 3: gone",
                        "reason: nobody uses it (fermata-policy.yaml:4)");
        assertThat(suppressed("{}")).isEmpty();
    }
}
