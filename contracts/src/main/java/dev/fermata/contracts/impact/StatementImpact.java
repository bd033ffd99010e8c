package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
 * @param notes what else is to be known, for people: what it waits for, why the server will refuse it
 * @param estimate null where nothing is known to estimate from
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
        boolean scans,
        List<String> notes,
        @Nullable Estimate estimate) {
    public StatementImpact {
        Fields.text(sql, "statement.sql");
        Fields.text(kind, "statement.kind");
        locks = Fields.copy(locks);
        notes = Fields.copy(notes);
    }
}
