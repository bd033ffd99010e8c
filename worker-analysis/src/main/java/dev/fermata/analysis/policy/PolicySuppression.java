package dev.fermata.analysis.policy;

import dev.fermata.contracts.impact.Finding;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Findings that a team lets pass. Each part that is empty means all.
 *
 * @param rules ids
 * @param until the last day on which it holds
 * @param place in the file, for people
 */
record PolicySuppression(
        Set<String> rules,
        List<Pattern> paths,
        List<Pattern> tables,
        String reason,
        Optional<LocalDate> until,
        String place) {
    PolicySuppression {
        rules = Set.copyOf(rules);
        paths = List.copyOf(paths);
        tables = List.copyOf(tables);
    }

    /** @param statementTables of the finding's statement; all of them must be meant where the finding names none itself */
    boolean means(Finding finding, ChangeOrigin origin, List<String> statementTables) {
        return (rules.isEmpty() || rules.contains(finding.rule()))
                && (paths.isEmpty() || matches(paths, origin.fileName()))
                && (tables.isEmpty() || meansTable(finding, statementTables));
    }

    boolean holdsOn(LocalDate today) {
        return until.filter(last -> last.isBefore(today)).isEmpty();
    }

    private boolean meansTable(Finding finding, List<String> statementTables) {
        String table = finding.table();
        return table != null
                ? matches(tables, table)
                : !statementTables.isEmpty() && statementTables.stream().allMatch(one -> matches(tables, one));
    }

    private static boolean matches(List<Pattern> patterns, String text) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(text).matches());
    }
}
