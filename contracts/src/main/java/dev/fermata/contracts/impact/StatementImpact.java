package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;
import java.util.List;

/**
 * What one statement of the change does.
 *
 * @param index from 0
 * @param line 1-based
 * @param column 1-based
 * @param sql the author's text, without comments around it and without the semicolon
 * @param kind such as {@code CREATE INDEX}
 * @param runsInTransaction whether the server lets it run inside a transaction block
 * @param rewrites whether it copies every row of a table that already existed
 * @param scans whether it reads every row of a table that already existed
 */
public record StatementImpact(
        int index,
        int line,
        int column,
        String sql,
        String kind,
        List<RelationLock> locks,
        boolean runsInTransaction,
        boolean rewrites,
        boolean scans) {
    public StatementImpact {
        Fields.text(sql, "statement.sql");
        Fields.text(kind, "statement.kind");
        locks = Fields.copy(locks);
    }
}
