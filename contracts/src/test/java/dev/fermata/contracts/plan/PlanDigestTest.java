package dev.fermata.contracts.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.Examples;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlanDigestTest {
    private static final Plan PLAN = Examples.full(Plan.class);

    @Test
    void changesWithEveryPartOfThePlan() {
        Map<String, Object> variants = variants("plan", PLAN);

        Map<String, String> digests = new LinkedHashMap<>();
        variants.forEach((what, plan) -> digests.put(what, ((Plan) plan).digest()));

        assertThat(digests).doesNotContainValue(PLAN.digest());
        assertThat(digests.values()).doesNotHaveDuplicates();
        // One of each kind, so that a hole in the machinery above is seen.
        assertThat(digests)
                .containsKeys(
                        "plan.runId",
                        "plan.revision",
                        "plan.database.systemIdentifier",
                        "plan.strategy",
                        "plan.steps[0].sql[0]",
                        "plan.steps[0].inverse.lossless",
                        "plan.steps[0].inverse.units[0].sql[0]",
                        "plan.steps[0].inverse.note",
                        "plan.steps[2].batching.rowsPerBatch",
                        "plan.steps[1].locks[0].mode",
                        "plan.settings.lockTimeout",
                        "plan.catalogFingerprint",
                        "plan.tables (shorter)",
                        "plan.redFlags[0].severity",
                        "plan.rollback.source",
                        "plan.steps (shorter)");
    }

    @Test
    void isTheSameForTheSamePlan() throws IOException {
        Plan again = Json.mapper().readValue(Json.mapper().writeValueAsBytes(PLAN), Plan.class);

        assertThat(again.digest())
                .isEqualTo(PLAN.digest())
                .isEqualTo(CanonicalJson.digest(PLAN))
                .matches("sha256:[0-9a-f]{64}");
    }

    @Test
    void doesNotDependOnHowADurationWasWritten() throws IOException {
        String json = Json.mapper().writeValueAsString(PLAN);
        assertThat(json).contains("\"PT1.5S\"");

        Plan other = Json.mapper().readValue(json.replace("\"PT1.5S\"", "\"PT0M1.500S\""), Plan.class);

        assertThat(other.digest()).isEqualTo(PLAN.digest());
    }

    /** Approvals on topics name digests, so the bytes under them must not change from version to version. */
    @Test
    void isPinned() {
        assertThat(PLAN.digest()).isEqualTo("sha256:4fb36c007da4718a2b5e48048a6659a57a218b12d42de735d9fb9d3bbf3d47d1");
    }

    @Test
    void theDigestIsNoPartOfThePlan() {
        assertThat(Json.mapper().valueToTree(PLAN).has("digest")).isFalse();
    }

    @Test
    void stepsAreNumberedWithoutGaps() {
        assertThatThrownBy(() -> with(PLAN, "steps", List.of(PLAN.steps().get(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("plan.steps[0].no: 2 (expected: 1)");
    }

    @Test
    void aStepIsOneThingOrOneTransaction() {
        Step autocommit = PLAN.steps().get(1);
        assertThatThrownBy(() -> with(autocommit, "sql", List.of("a", "b")))
                .hasMessage("step 2: 2 statements in a autocommit step (expected: exactly one)");
        assertThatThrownBy(() -> with(PLAN.steps().get(0), "sql", List.of())).hasMessageContaining("at least one");
        assertThatThrownBy(() -> with(PLAN.steps().get(2), "batching", null)).hasMessageContaining("do not fit");
        assertThatThrownBy(() -> with(autocommit, "batching", Examples.full(Batching.class)))
                .hasMessageContaining("do not fit");
    }

    @Test
    void aRollbackThatLosesSomethingSaysWhat() {
        assertThatThrownBy(() -> new Inverse(List.of(Unit.transaction("x")), false, null))
                .hasMessageContaining("what a rollback loses");
    }

    /** Every value that differs from this one in one place, by the place. */
    private static Map<String, Object> variants(String at, @Nullable Object value) {
        Map<String, Object> found = new LinkedHashMap<>();
        if (value instanceof RunId run) {
            found.put(at, new RunId(run.order(), run.target() + "-2"));
        } else if (value instanceof String text) {
            found.put(at, text + " ");
        } else if (value instanceof Integer number) {
            found.put(at, number + 1);
        } else if (value instanceof Boolean truth) {
            found.put(at, !truth);
        } else if (value instanceof Duration duration) {
            found.put(at, duration.plusNanos(1));
        } else if (value instanceof Enum<?> constant) {
            Object[] all = constant.getDeclaringClass().getEnumConstants();
            found.put(at, all[(constant.ordinal() + 1) % all.length]);
        } else if (value instanceof List<?> list) {
            variantsOfList(at, list, found);
        } else if (value instanceof Record part) {
            for (RecordComponent component : part.getClass().getRecordComponents()) {
                variants(at + "." + component.getName(), get(part, component)).forEach((where, changed) -> {
                    Object whole = tryWith(part, component.getName(), changed);
                    if (whole != null) {
                        found.put(where, whole);
                    }
                });
            }
        } else if (value != null) {
            throw new AssertionError(at + ": no variant of " + value.getClass());
        }
        return found;
    }

    private static void variantsOfList(String at, List<?> list, Map<String, Object> found) {
        for (int i = 0; i < list.size(); i++) {
            int index = i;
            variants(at + "[" + i + "]", list.get(i)).forEach((where, changed) -> {
                List<Object> copy = new ArrayList<>(list);
                copy.set(index, changed);
                found.put(where, copy);
            });
        }
        if (!list.isEmpty()) {
            found.put(at + " (shorter)", list.subList(0, list.size() - 1));
        }
    }

    /** Null where the record does not allow it, such as a step number that leaves a gap. */
    private static @Nullable Object tryWith(Record part, String name, @Nullable Object value) {
        try {
            return with(part, name, value);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static Object with(Record part, String name, @Nullable Object value) {
        Object[] values = Arrays.stream(part.getClass().getRecordComponents())
                .map(component -> component.getName().equals(name) ? value : get(part, component))
                .toArray();
        return Examples.instance(part.getClass(), values);
    }

    private static @Nullable Object get(Record part, RecordComponent component) {
        try {
            return component.getAccessor().invoke(part);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(component.toString(), e);
        }
    }
}
