package dev.fermata.contracts.plan;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.WireEnum;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a step is made to happen exactly once. */
public enum StepKind {
    /** One or more statements in one transaction, which also records the step in the ledger. */
    TRANSACTION,
    /** One statement that cannot run in a transaction; after a crash the catalog says whether it happened. */
    AUTOCOMMIT,
    /** A data change in key ranges, each with its checkpoint in its own transaction. */
    BATCHES;

    @JsonValue
    public String wire() {
        return WireEnum.name(this);
    }

    /** Refuses statements or ranges that do not go with the kind. */
    static void check(String what, StepKind kind, List<String> sql, @Nullable Batching batching) {
        if (sql.isEmpty() || (kind != TRANSACTION && sql.size() != 1)) {
            throw new IllegalArgumentException(what + ": " + sql.size() + " statements in a " + kind.wire()
                    + " step (expected: " + (kind == TRANSACTION ? "at least one" : "exactly one") + ")");
        }
        if ((kind == BATCHES) != (batching != null)) {
            throw new IllegalArgumentException(what + ": batching and kind " + kind.wire() + " do not fit");
        }
    }
}
