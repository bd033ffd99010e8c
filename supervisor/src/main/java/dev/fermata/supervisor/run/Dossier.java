package dev.fermata.supervisor.run;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.ValidationResult;
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
 * @param speed that an operator has ordered; null where none has
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
     * How fast operators let the steps go forward.
     *
     * @param sequence of the order, from 1
     * @param percent 0: paused; 100: full speed
     */
    public record Speed(long sequence, int percent, String reason) {}

    boolean isPaused() {
        return speed != null && speed.percent() == 0;
    }

    Dossier withImpact(ImpactReport value) {
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

    /** The next order about the pace. */
    Dossier withSpeed(int percent, String reason) {
        long sequence = speed == null ? 1 : speed.sequence() + 1;
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
                new Speed(sequence, percent, reason));
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
