package dev.fermata.analysis.lint;

import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.impact.SuppressedFinding;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was found in a file; {@code fermata lint -o json} prints it as it is.
 *
 * @param path as it was given
 * @param statements none where {@code error} says why
 * @param error why the file cannot be read as SQL; null if it can
 */
public record LintedFile(
        String path, List<Statement> statements, @Nullable Unreadable error) {
    public LintedFile {
        statements = List.copyOf(statements);
    }

    /**
     * @param index from 0
     * @param line 1-based
     * @param column 1-based
     * @param kind such as {@code CREATE INDEX}
     * @param suppressed what comments and the policy let pass, with their reasons
     */
    public record Statement(
            int index,
            int line,
            int column,
            String sql,
            String kind,
            List<RelationLock> locks,
            List<Finding> findings,
            List<SuppressedFinding> suppressed) {
        public Statement {
            locks = List.copyOf(locks);
            findings = List.copyOf(findings);
            suppressed = List.copyOf(suppressed);
        }

        Statement with(List<Finding> others) {
            return new Statement(index, line, column, sql, kind, locks, others, suppressed);
        }

        private Statement silent() {
            return new Statement(index, line, column, sql, kind, locks, List.of(), List.of());
        }
    }

    /**
     * @param line 1-based; 0 where no place is to blame
     * @param column 1-based, or 0
     */
    public record Unreadable(int line, int column, String message) {}

    public List<Finding> findings() {
        return statements.stream()
                .flatMap(statement -> statement.findings().stream())
                .toList();
    }

    public List<SuppressedFinding> suppressed() {
        return statements.stream()
                .flatMap(statement -> statement.suppressed().stream())
                .toList();
    }

    /** Without the findings of all other statements. */
    public LintedFile keeping(Predicate<Statement> which) {
        return new LintedFile(
                path,
                statements.stream()
                        .map(statement -> which.test(statement) ? statement : statement.silent())
                        .toList(),
                error);
    }
}
