package dev.fermata.contracts.plan;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.WireEnum;

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
}
