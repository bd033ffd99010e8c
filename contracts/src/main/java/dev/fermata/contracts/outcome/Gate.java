package dev.fermata.contracts.outcome;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.WireEnum;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A named check.
 *
 * @param evidence what shows it, for people
 * @param at when it was decided, null while it is open
 * @param by who or what decided, null while it is open
 */
public record Gate(
        Name name,
        Status status,
        String evidence,
        @Nullable Instant at,
        @Nullable String by) {
    public Gate {
        Fields.required(name, "gate.name");
        Fields.required(status, "gate.status");
        evidence = evidence == null ? "" : evidence;
    }

    public enum Name {
        PLANNED,
        BACKUP_VERIFIED,
        ROLLBACK_TESTED,
        STAGING_VALIDATED,
        APPROVED,
        MIGRATED,
        VERIFIED;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }

    public enum Status {
        OPEN,
        PASSED,
        FAILED,
        /** The order or the policy left it out; the evidence says why. */
        SKIPPED;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }
}
