package dev.fermata.contracts;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.MessageType;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.contracts.plan.Unit;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An example of every record, made from its components, so that a new message has one from the first day: {@link #full} with
 * every optional component, {@link #bare} with none and with empty lists.
 */
public final class Examples {
    public static final WorkOrderId ORDER = new WorkOrderId("wo_01JD8Z3Q5V8X9Y7W6T5R4S3Q2P");
    public static final RunId RUN = new RunId(ORDER, "shop");
    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    private final boolean everything;

    private Examples(boolean everything) {
        this.everything = everything;
    }

    public static <T> T full(Class<T> type) {
        return type.cast(new Examples(true).value(type, type.getSimpleName()));
    }

    public static <T> T bare(Class<T> type) {
        return type.cast(new Examples(false).value(type, type.getSimpleName()));
    }

    /** A full example of every message, in the order of the topics. */
    public static List<Message> messages() {
        return MessageType.all().values().stream().<Message>map(Examples::full).toList();
    }

    /** Whether a record may lack the component. */
    public static boolean isOptional(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private Object value(Type type, String name) {
        if (type instanceof ParameterizedType generic) {
            return collection(generic, name);
        }
        Class<?> raw = (Class<?>) type;
        if (raw == String.class) {
            return text(name);
        } else if (raw == int.class || raw == Integer.class) {
            return 3;
        } else if (raw == long.class || raw == Long.class) {
            return 42L;
        } else if (raw == double.class || raw == Double.class) {
            return 1.5;
        } else if (raw == boolean.class || raw == Boolean.class) {
            return true;
        } else if (raw == Instant.class) {
            return Instant.parse("2026-12-01T22:00:00.123Z");
        } else if (raw == Duration.class) {
            return Duration.ofMillis(1500);
        } else if (raw == RunId.class) {
            return RUN;
        } else if (raw == WorkOrderId.class) {
            return ORDER;
        } else if (raw.isEnum()) {
            return raw.getEnumConstants()[0];
        }
        return special(raw);
    }

    /** Records whose components depend on each other. */
    private Object special(Class<?> type) {
        if (type == Plan.Rollback.class) {
            return new Plan.Rollback(Plan.Source.GENERATED, List.of());
        } else if (type == Step.class) {
            return step(1, StepKind.TRANSACTION);
        } else if (type == Inverse.class) {
            return everything ? new Inverse(List.of(unit()), false, "new values") : Inverse.nothing();
        } else if (type == Unit.class) {
            return unit();
        } else if (type == Batching.class) {
            return new Batching(
                    "public.orders",
                    "o",
                    List.of(new Batching.KeyColumn("id", "bigint")),
                    5000,
                    everything ? "fermata_attic.images" : null,
                    List.of("status"));
        } else if (type == Equivalence.class) {
            return everything
                    ? new Equivalence(
                            true,
                            null,
                            List.of("column public.orders.status is there and should not be"),
                            List.of("public.orders"),
                            Duration.ofMillis(1500))
                    : Equivalence.notCompared("there is no second clone");
        } else if (type == WorkOrder.Probe.class) {
            return new WorkOrder.Probe("checkout", "select true", null, null, everything ? 50L : null);
        } else if (type == WorkOrder.Window.class) {
            Instant start = Instant.parse("2026-12-01T22:00:00Z");
            return new WorkOrder.Window(start, start.plusSeconds(3600), null, null, null);
        } else if (type == WorkOrder.class) {
            WorkOrder order = (WorkOrder) record(WorkOrder.class);
            return new WorkOrder(
                    "add-order-status",
                    order.title(),
                    order.category(),
                    order.author(),
                    List.of("shop"),
                    order.strategy(),
                    order.renames(),
                    order.change(),
                    order.rollback(),
                    order.rehearsal(),
                    order.backup(),
                    order.approval(),
                    order.window(),
                    order.lock(),
                    order.probes(),
                    order.soak(),
                    order.labels(),
                    order.description());
        }
        return record(type);
    }

    private static Unit unit() {
        return new Unit(
                StepKind.TRANSACTION,
                List.of("ALTER TABLE public.orders DROP COLUMN status"),
                List.of("select true"),
                null);
    }

    private List<Step> steps() {
        return List.of(step(1, StepKind.TRANSACTION), step(2, StepKind.AUTOCOMMIT), step(3, StepKind.BATCHES));
    }

    private Step step(int no, StepKind kind) {
        Step step = (Step) record(Step.class);
        Batching batching = kind == StepKind.BATCHES ? (Batching) record(Batching.class) : null;
        return new Step(
                no,
                step.phase(),
                kind,
                List.of("select 1"),
                step.locks(),
                true,
                step.reason(),
                0,
                step.inverse(),
                step.verify(),
                batching);
    }

    private Object record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        if (components == null) {
            throw new AssertionError("no example for " + type + "; teach Examples");
        }
        Object[] values = Arrays.stream(components).map(this::component).toArray();
        if (type == Step.class) { // valid on its own; the caller changes it
            values[2] = StepKind.TRANSACTION;
            values[3] = List.of("select 1");
            values[10] = null;
        } else if (type == WorkOrder.class) {
            values[0] = "a";
            values[4] = List.of("shop");
        } else if (type == Plan.class) {
            values[4] = steps();
        }
        return instance(type, values);
    }

    private @Nullable Object component(RecordComponent component) {
        return isOptional(component) && !everything ? null : value(component.getGenericType(), component.getName());
    }

    private Object collection(ParameterizedType type, String name) {
        if (type.getRawType() == List.class) {
            return everything ? List.of(value(type.getActualTypeArguments()[0], name)) : List.of();
        }
        return everything ? Map.of("shop", value(type.getActualTypeArguments()[1], name)) : Map.of();
    }

    private static String text(String name) {
        return switch (name) {
            case "digest", "planDigest", "catalogAfter", "catalogFingerprint" -> DIGEST;
            case "sql", "change", "rollback" -> "ALTER TABLE orders ADD COLUMN status text;";
            case "author" -> "ada@example.org";
            default -> "some " + name;
        };
    }

    /** The record with these components, through its canonical constructor. */
    public static Object instance(Class<?> type, @Nullable Object[] values) {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new AssertionError(type + " refuses its example", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type.toString(), e);
        }
    }
}
