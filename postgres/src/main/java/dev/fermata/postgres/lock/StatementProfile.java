package dev.fermata.postgres.lock;

import java.util.List;

/**
 * What one statement does to relations.
 *
 * <p>{@code ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers} gives
 *
 * <pre>
 * description        ALTER TABLE ... ADD FOREIGN KEY
 * coverage           KNOWN
 * locks              orders     SHARE_ROW_EXCLUSIVE  rewrites NO  scans YES
 *                    customers  SHARE_ROW_EXCLUSIVE  rewrites NO  scans YES
 * runsInTransaction  true
 * </pre>
 *
 * @param description the statement's kind in SQL words
 * @param coverage how complete {@code locks} is; always looked at before them
 * @param locks one entry for each relation, in the order in which the statement names them
 * @param runsInTransaction false for what the server refuses inside a transaction block
 * @param notes sentences for people on what only the catalog can tell
 */
public record StatementProfile(
        String description,
        Coverage coverage,
        List<RelationLock> locks,
        boolean runsInTransaction,
        List<String> notes) {

    public StatementProfile {
        locks = List.copyOf(locks);
        notes = List.copyOf(notes);
    }
}
