package dev.fermata.contracts.order;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.WireEnum;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One revision of a work order, as its author wrote it, with every default filled in. Never changed: an amendment is a new
 * value with the next revision number.
 *
 * @param name {@code [a-z0-9-]{1,63}}
 * @param category free text of existing work-order documents, null when not given
 * @param author who asks for the change; the authenticated caller where there is one
 * @param targets names from the target registry, at least one, no repeats
 * @param renames whether the old name of a table or column goes on to work for a while
 * @param change the change, plain PostgreSQL SQL
 * @param rollback the author's own way back, null when it is to be generated
 * @param window when it may run, null for any time
 * @param probes checks of the application's health beside those of the target
 * @param soak how long the probes must stay well after the change before it counts as a success
 * @param description why, for the reviewers (Markdown), possibly empty
 */
public record WorkOrder(
        String name,
        String title,
        @Nullable String category,
        String author,
        List<String> targets,
        Strategy strategy,
        Renames renames,
        String change,
        @Nullable String rollback,
        Rehearsal rehearsal,
        Backup backup,
        Approval approval,
        @Nullable Window window,
        Lock lock,
        List<Probe> probes,
        Duration soak,
        Map<String, String> labels,
        String description) {

    /** How long the probes watch where the order says nothing. */
    public static final Duration DEFAULT_SOAK = Duration.ofMinutes(2);

    public WorkOrder {
        if (!Fields.text(name, "name").matches("[a-z0-9-]{1,63}")) {
            throw new IllegalArgumentException("name: '" + name + "' (expected: [a-z0-9-]{1,63})");
        }
        Fields.text(title, "title");
        Fields.text(author, "author");
        Fields.text(change, "change");
        targets = Fields.copy(targets);
        if (targets.isEmpty() || targets.stream().distinct().count() != targets.size()) {
            throw new IllegalArgumentException(
                    "targets: " + targets.size() + " names (expected: at least one, each once)");
        }
        Fields.required(strategy, "strategy");
        renames = renames == null ? Renames.BOTH_NAMES : renames;
        Fields.required(rehearsal, "rehearsal");
        Fields.required(backup, "backup");
        Fields.required(approval, "approval");
        Fields.required(lock, "lock");
        probes = Fields.copy(probes);
        Fields.required(soak, "soak");
        labels = Fields.copy(labels);
        description = description == null ? "" : description;
    }

    /** An order that leaves everything to the defaults; its title is its name. */
    public static WorkOrder of(
            String name, String author, List<String> targets, String change, @Nullable String rollback) {
        return new WorkOrder(
                name,
                name,
                null,
                author,
                targets,
                Strategy.ONLINE,
                Renames.BOTH_NAMES,
                change,
                rollback,
                Rehearsal.DEFAULT,
                Backup.DEFAULT,
                Approval.DEFAULT,
                null,
                Lock.DEFAULT,
                List.of(),
                DEFAULT_SOAK,
                Map.of(),
                "");
    }

    /** The same otherwise. */
    public WorkOrder with(Renames other) {
        return with(other, lock);
    }

    /** The same otherwise. */
    public WorkOrder with(Lock other) {
        return with(renames, other);
    }

    private WorkOrder with(Renames otherRenames, Lock otherLock) {
        return new WorkOrder(
                name,
                title,
                category,
                author,
                targets,
                strategy,
                otherRenames,
                change,
                rollback,
                rehearsal,
                backup,
                approval,
                window,
                otherLock,
                probes,
                soak,
                labels,
                description);
    }

    /** Whether the planner may replace what blocks by the equivalent that does not. */
    public enum Strategy {
        ONLINE,
        AS_WRITTEN;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }

    /** What becomes of the old name of a table or column. */
    public enum Renames {
        /** It works beside the new one until people say that the application no longer uses it. */
        BOTH_NAMES,
        /** The application knows: it is gone at once. */
        AT_ONCE;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }

    /** How the clone for the rehearsal is made. */
    public enum Clone {
        AUTO,
        TEMPLATE,
        DUMP,
        SCHEMA,
        SAMPLE,
        BRANCH,
        NONE;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }

    /** What is backed up before production is touched. */
    public enum BackupMode {
        AFFECTED,
        FULL,
        NONE;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }

    /** Where the plan is proven before production sees it. */
    public record Rehearsal(@JsonProperty("clone") Clone cloneBy) {
        public static final Rehearsal DEFAULT = new Rehearsal(Clone.AUTO);

        public Rehearsal {
            Fields.required(cloneBy, "rehearsal.clone");
        }
    }

    /** What is kept before production is touched. */
    public record Backup(BackupMode mode) {
        public static final Backup DEFAULT = new Backup(BackupMode.AFFECTED);

        public Backup {
            Fields.required(mode, "backup.mode");
        }
    }

    /** The policy that says who must approve. */
    public record Approval(String policy) {
        public static final Approval DEFAULT = new Approval("default");

        public Approval {
            Fields.text(policy, "approval.policy");
        }
    }

    /** When the change may run: either a span of time or a repeating window. */
    public record Window(
            @Nullable Instant notBefore,
            @Nullable Instant notAfter,
            @Nullable String cron,
            @Nullable Duration duration,
            @Nullable String zone) {
        public Window {
            if (notBefore != null && notAfter != null && !notBefore.isBefore(notAfter)) {
                throw new IllegalArgumentException(
                        "window: notBefore " + notBefore + " is not before notAfter " + notAfter);
            }
        }
    }

    /**
     * The lock budget: the application is never made to wait longer than {@code timeout} by one attempt.
     *
     * @param attempts how often a step that did not get its lock is tried in all, at least 1
     */
    public record Lock(Duration timeout, int attempts) {
        public static final Lock DEFAULT = new Lock(Duration.ofSeconds(1), 30);

        public Lock {
            if (!Fields.required(timeout, "lock.timeout").isPositive()) {
                throw new IllegalArgumentException("lock.timeout: " + timeout + " (expected: more than 0)");
            }
            if (attempts < 1) {
                throw new IllegalArgumentException("lock.attempts: " + attempts + " (expected: >= 1)");
            }
        }
    }

    /**
     * A check of the application's health that runs before, during and after the change: exactly one of sql, http, promql.
     * It fails when it raises an error, when SQL returns no row or a first column that is false, when HTTP does not answer
     * 2xx, or when it takes longer than {@code maxMillis}.
     */
    public record Probe(
            String name,
            @Nullable String sql,
            @Nullable String http,
            @Nullable String promql,
            @Nullable Long maxMillis) {
        public Probe {
            Fields.text(name, "probes.name");
            long given = Stream.of(Optional.ofNullable(sql), Optional.ofNullable(http), Optional.ofNullable(promql))
                    .filter(Optional::isPresent)
                    .count();
            if (given != 1) {
                throw new IllegalArgumentException(
                        "probe '" + name + "': " + given + " of sql, http and promql given (expected: exactly one)");
            }
        }
    }
}
