package dev.fermata.supervisor.run;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.contracts.message.DirectiveMessage.PaceOrdered;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one revision of a run, collected as the messages come in; the evidence of the outcome. A field is null
 * or empty until its message has come.
 *
 * @param speed that was ordered last; null where none was
 */
public record Dossier(
        @Nullable ImpactReport impact,
        @Nullable Plan plan,
        @Nullable String digest,
        @Nullable RehearsalReport rehearsal,
        @Nullable Yes approval,
        @Nullable BackupReport backup,
        int stepsDone,
        Duration longestLockWait,
        int blocked,
        List<ValidationResult> validations,
        boolean catalogMatches,
        List<String> differences,
        @Nullable Failure failure,
        boolean undone,
        @Nullable Speed speed) {

    static final Dossier EMPTY = new Dossier(
            null, null, null, null, null, null, 0, Duration.ZERO, 0, List.of(), false, List.of(), null, false, null);

    public Dossier {
        Fields.required(longestLockWait, "longestLockWait");
        validations = Fields.copy(validations);
        differences = Fields.copy(differences);
    }

    /** Who said yes to which digest, and until when it was to be said. */
    public record Yes(Actor by, String digest, String comment, Instant at) {}

    /**
     * How fast the steps may go forward.
     *
     * @param sequence of the order, from 1
     * @param percent that operators allow; 0: paused; 100: full speed
     * @param reason why, and by whom
     * @param sick what a probe says of the application, null while it is well: as long as it is not, the steps stand
     *     still, whatever operators allow
     */
    public record Speed(
            long sequence,
            int percent,
            String reason,
            @Nullable String sick) {
        private static final Speed FULL = new Speed(0, PaceOrdered.FULL_SPEED, "full speed", null);

        /** What the worker is told. */
        int ordered() {
            return sick == null ? percent : 0;
        }

        /** Why the worker is told so. */
        String why() {
            return sick == null ? reason : "the application is not well: " + sick;
        }
    }

    /** By an operator. */
    boolean isPaused() {
        return lastSpeed().percent() == 0;
    }

    /** What a probe says of the application, for which the steps stand still; null when they do not. */
    @Nullable
    String sick() {
        return lastSpeed().sick();
    }

    private Speed lastSpeed() {
        return speed == null ? Speed.FULL : speed;
    }

    Dossier withImpact(@Nullable ImpactReport value) {
        return new Dossier(
                value,
                plan,
                digest,
                rehearsal,
                approval,
                backup,
                stepsDone,
                longestLockWait,
                blocked,
                validations,
                catalogMatches,
                differences,
                failure,
                undone,
                speed);
    }

    /** A new plan makes everything that was said about the old one void. */
    Dossier withPlan(Plan value, String itsDigest) {
        return new Dossier(
                impact,
                value,
                itsDigest,
                null,
                null,
                null,
                0,
                longestLockWait,
                blocked,
                List.of(),
                false,
                List.of(),
                null,
                false,
                speed);
    }

    Dossier withRehearsal(RehearsalReport value) {
        return new Dossier(
                impact,
                plan,
                digest,
                value,
                approval,
                backup,
                stepsDone,
                longestLockWait,
                blocked,
                validations,
                catalogMatches,
                differences,
                failure,
                undone,
                speed);
    }

    Dossier withApproval(@Nullable Yes value) {
        return new Dossier(
                impact,
                plan,
                digest,
                rehearsal,
                value,
                backup,
                stepsDone,
                longestLockWait,
                blocked,
                validations,
                catalogMatches,
                differences,
                failure,
                undone,
                speed);
    }

    Dossier withBackup(BackupReport value) {
        return new Dossier(
                impact,
                plan,
                digest,
                rehearsal,
                approval,
                value,
                stepsDone,
                longestLockWait,
                blocked,
                validations,
                catalogMatches,
                differences,
                failure,
                undone,
                speed);
    }

    Dossier withStepsDone(int value, Duration lockWait) {
        Duration longest = lockWait.compareTo(longestLockWait) > 0 ? lockWait : longestLockWait;
        return new Dossier(
                impact,
                plan,
                digest,
                rehearsal,
                approval,
                backup,
                value,
                longest,
                blocked,
                validations,
                catalogMatches,
                differences,
                failure,
                undone,
                speed);
    }

    Dossier withBlockedOnceMore() {
        return new Dossier(
                impact,
                plan,
                digest,
                rehearsal,
                approval,
                backup,
                stepsDone,
                longestLockWait,
                blocked + 1,
                validations,
                catalogMatches,
                differences,
                failure,
                undone,
                speed);
    }

    Dossier withVerification(List<ValidationResult> results, boolean matches, List<String> found) {
        return new Dossier(
                impact,
                plan,
                digest,
                rehearsal,
                approval,
                backup,
                stepsDone,
                longestLockWait,
                blocked,
                results,
                matches,
                found,
                failure,
                undone,
                speed);
    }

    Dossier withFailure(@Nullable Failure value) {
        return new Dossier(
                impact,
                plan,
                digest,
                rehearsal,
                approval,
                backup,
                stepsDone,
                longestLockWait,
                blocked,
                validations,
                catalogMatches,
                differences,
                value,
                undone,
                speed);
    }

    /** The next order about the pace, by an operator. */
    Dossier withSpeed(int percent, String reason) {
        return with(new Speed(lastSpeed().sequence() + 1, percent, reason, sick()));
    }

    /** The next order about the pace, by the probes. */
    Dossier withSick(@Nullable String detail) {
        Speed last = lastSpeed();
        return with(new Speed(last.sequence() + 1, last.percent(), last.reason(), detail));
    }

    private Dossier with(Speed next) {
        return new Dossier(
                impact,
                plan,
                digest,
                rehearsal,
                approval,
                backup,
                stepsDone,
                longestLockWait,
                blocked,
                validations,
                catalogMatches,
                differences,
                failure,
                undone,
                next);
    }

    Dossier withUndone() {
        return new Dossier(
                impact,
                plan,
                digest,
                rehearsal,
                approval,
                backup,
                0,
                longestLockWait,
                blocked,
                validations,
                catalogMatches,
                differences,
                failure,
                true,
                speed);
    }
}
