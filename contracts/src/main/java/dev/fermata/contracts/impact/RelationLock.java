package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;
import java.util.List;

/**
 * A lock that a statement takes.
 *
 * @param relation name as PostgreSQL prints it, schema-qualified where known
 * @param mode such as {@code ACCESS EXCLUSIVE}, or {@code UNKNOWN}
 * @param blocks {@code reads} and {@code writes}, whichever wait while it is held; an unknown lock is listed as both
 */
public record RelationLock(String relation, String mode, List<String> blocks) {
    public RelationLock {
        Fields.text(relation, "lock.relation");
        Fields.text(mode, "lock.mode");
        blocks = Fields.copy(blocks);
    }
}
