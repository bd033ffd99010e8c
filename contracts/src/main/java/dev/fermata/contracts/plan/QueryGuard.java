package dev.fermata.contracts.plan;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.WireEnum;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the queries that the target runs most, as {@code pg_stat_statements} has them: planned on the clone
 * before the change and after it.
 *
 * @param looked whether that could be done at all
 * @param why it could not, or what was left out; null when there is nothing to say
 * @param queries how many were planned before and after
 * @param changes of those that are worse off
 */
public record QueryGuard(boolean looked, @Nullable String why, int queries, List<QueryChange> changes) {
    public QueryGuard {
        changes = Fields.copy(changes);
    }

    /** Nothing was looked at. */
    public static QueryGuard notLooked(String why) {
        return new QueryGuard(false, Fields.text(why, "queryGuard.why"), 0, List.of());
    }

    /**
     * A query that is worse off.
     *
     * @param sql as the server keeps it, with parameters for values, shortened
     * @param calls since the statistics were last reset
     * @param meanMillis of a call
     * @param what happened, for people
     */
    public record QueryChange(String sql, long calls, double meanMillis, Effect effect, String what) {
        public QueryChange {
            Fields.text(sql, "queryChange.sql");
            Fields.required(effect, "queryChange.effect");
            Fields.text(what, "queryChange.what");
        }
    }

    /** What the change does to it. */
    public enum Effect {
        /** The server refuses it. */
        FAILS,
        /** The server refuses it once the old name is gone; as long as both names work it does not. */
        FAILS_AFTER_CONTRACT,
        /** It reads a table in full that it found its rows in by an index before. */
        INDEX_LOST,
        /** The planner expects it to cost many times as much. */
        COSTLIER;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }
}
