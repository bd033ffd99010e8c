package dev.fermata.contracts.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Examples;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.run.RunState;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessagesTest {
    /** Every enum that a message can hold, found from the records. */
    static Set<Class<?>> enums() {
        Set<Class<?>> found = new LinkedHashSet<>();
        MessageType.all().values().forEach(message -> collect(message, found));
        found.add(Topic.class);
        found.removeIf(type -> !type.isEnum());
        return found;
    }

    @ParameterizedTest
    @MethodSource("enums")
    void enumsAreLowerCaseWithDashesOnTheWire(Class<?> type) throws IOException {
        for (Object constant : type.getEnumConstants()) {
            String json = Json.mapper().writeValueAsString(constant);

            assertThat(json).matches("\"[a-z]+(-[a-z]+)*\"");
            assertThat(Json.mapper().readValue(json, type)).isEqualTo(constant);
        }
        assertThatThrownBy(() -> Json.mapper().readValue("0", type)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Json.mapper().readValue("\"something-else\"", type))
                .isInstanceOf(IOException.class);
    }

    @Test
    void theStatesOfARunAreThoseOfTheArchitecture() {
        assertThat(RunState.values())
                .extracting(RunState::wire)
                .containsExactly(
                        "issued",
                        "analysing",
                        "preparing",
                        "awaiting-approval",
                        "scheduled",
                        "backing-up",
                        "migrating",
                        "verifying",
                        "soaking",
                        "awaiting-contract",
                        "contracting",
                        "rolling-back",
                        "escalated",
                        "changes-requested",
                        "succeeded",
                        "rolled-back",
                        "rejected",
                        "cancelled",
                        "failed");
        assertThat(Stream.of(RunState.values()).filter(RunState::isEnd).map(RunState::wire))
                .containsExactly("succeeded", "rolled-back", "rejected", "cancelled", "failed");
        assertThat(Stream.of(RunState.values())
                        .filter(RunState::waitsForSomebody)
                        .map(RunState::wire))
                .containsExactly(
                        "awaiting-approval", "scheduled", "awaiting-contract", "escalated", "changes-requested");
    }

    @Test
    void everyMessageHasATypeATopicAndAKey() {
        for (Message message : Examples.messages()) {
            assertThat(message.type())
                    .isEqualTo("dev.fermata." + message.getClass().getSimpleName() + ".v1");
            assertThat(MessageType.find(message.type())).contains(message.getClass());
            assertThat(message.topic()).isNotEqualTo(Topic.DEAD_LETTERS);
            assertThat(message.key()).isNotBlank();
        }
        assertThat(MessageType.find("dev.fermata.Nothing.v1")).isEmpty();
    }

    @Test
    void theMessagesOfEachTopicAreThoseOfTheContract() {
        assertThat(on(Topic.REQUESTS)).containsExactly("WorkOrderRequested");
        assertThat(on(Topic.WORK_ORDERS))
                .containsExactly("WorkOrderIssued", "WorkOrderAmended", "WorkOrderCancelled", "OperatorRequested");
        assertThat(on(Topic.IMPACT)).containsExactly("AnalysisStarted", "ImpactReported", "AnalysisFailed");
        assertThat(on(Topic.DIRECTIVES))
                .containsExactly(
                        "AnalysisOrdered",
                        "PrepareOrdered",
                        "ExecutionOrdered",
                        "RollbackOrdered",
                        "AbortOrdered",
                        "PaceOrdered",
                        "ContractOrdered",
                        "VerificationOrdered");
        assertThat(on(Topic.EXECUTION))
                .containsExactly(
                        "PlanPrepared",
                        "RehearsalReported",
                        "BackupVerified",
                        "StepStarted",
                        "StepProgressed",
                        "StepBlocked",
                        "StepCompleted",
                        "Heartbeat",
                        "Executed",
                        "ExecutionFailed",
                        "RolledBack",
                        "RollbackFailed",
                        "Verified");
        assertThat(on(Topic.APPROVALS))
                .containsExactly(
                        "ApprovalRequested",
                        "ApprovalGranted",
                        "ChangesRequested",
                        "ApprovalRejected",
                        "ApprovalExpired",
                        "DecisionRefused");
        assertThat(on(Topic.OUTCOMES))
                .containsExactly("RunStateChanged", "RunEnded", "WorkOrderEnded", "RequestRefused");
        assertThat(Topic.WORK_ORDERS.name(Topic.DEFAULT_PREFIX)).isEqualTo("fermata.work-orders");
    }

    @Test
    void theWorseRiskWins() {
        assertThat(RiskLevel.LOW.max(RiskLevel.HIGH)).isEqualTo(RiskLevel.HIGH);
        assertThat(RiskLevel.HIGH.max(RiskLevel.LOW)).isEqualTo(RiskLevel.HIGH);
        assertThat(Actor.policy("default")).isEqualTo(new Actor("policy:default", Actor.Kind.POLICY));
    }

    private static List<String> on(Topic topic) {
        return Examples.messages().stream()
                .filter(message -> message.topic() == topic)
                .map(message -> message.getClass().getSimpleName())
                .toList();
    }

    private static void collect(Type type, Set<Class<?>> found) {
        if (type instanceof ParameterizedType generic) {
            Arrays.stream(generic.getActualTypeArguments()).forEach(argument -> collect(argument, found));
        } else if (type instanceof Class<?> raw
                && (raw.isRecord() || raw.isEnum())
                && found.add(raw)
                && raw.isRecord()) {
            Arrays.stream(raw.getRecordComponents())
                    .map(RecordComponent::getGenericType)
                    .forEach(next -> collect(next, found));
        }
    }
}
