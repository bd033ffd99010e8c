package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;

/** Something a person must have seen before saying yes, such as a rollback that cannot restore everything. */
public record RedFlag(String code, RiskLevel severity, String message) {
    public RedFlag {
        Fields.text(code, "redFlag.code");
        Fields.required(severity, "redFlag.severity");
        Fields.text(message, "redFlag.message");
    }
}
