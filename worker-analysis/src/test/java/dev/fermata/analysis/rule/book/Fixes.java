package dev.fermata.analysis.rule.book;

import dev.fermata.analysis.rule.Inspection;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.postgres.parser.Bodies;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Puts a proposed fix in place of the statement it is for. */
final class Fixes {
    private Fixes() {}

    /** What all rules say of the script. */
    static List<Finding> findings(SqlParser parser, Situation situation, String sql) {
        List<Statement> statements = parser.parseScript(sql);
        return Inspection.of(statements, Bodies.of(statements, parser), situation, RuleBook.all());
    }

    static String applied(SqlParser parser, String sql, Finding finding) {
        Statement statement = parser.parseScript(sql).get(finding.statement());
        String fix = Objects.requireNonNull(finding.fix());
        return sql.substring(0, statement.start()) + fix + sql.substring(statement.end());
    }

    /** What is found in the mended script and was not found before. */
    static List<Finding> newFindings(SqlParser parser, Situation situation, String sql, Finding finding) {
        List<String> old = new ArrayList<>(
                findings(parser, situation, sql).stream().map(Finding::rule).toList());
        old.remove(finding.rule());
        return findings(parser, situation, applied(parser, sql, finding)).stream()
                .filter(found -> !old.remove(found.rule()))
                .toList();
    }
}
