package dev.fermata.execution;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.verify.Baseline;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ForwardTest {
    @Test
    void whatTheServerWillNotAnswerStopsTheChangeBeforeItsFirstStepAndNotAfterTheLast() {
        assertThatThrownBy(() -> Forward.requireAnswers(new Baseline(
                        Map.of(), Map.of(), Map.of("rows a", "7", "orphans b", "error 42501 permission denied"))))
                .isInstanceOf(StepFailedException.class)
                .hasMessageContaining("'orphans b'")
                .hasMessageContaining("permission denied")
                .hasMessageContaining("let our role read what it names first");
        assertThatCode(() ->
                        Forward.requireAnswers(new Baseline(Map.of(), Map.of(), Map.of("rows a", "7", "rows b", "0"))))
                .doesNotThrowAnyException();
    }
}
