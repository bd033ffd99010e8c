package dev.fermata.analysis.report;

import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.preflight.Answer;
import dev.fermata.postgres.preflight.Kind;
import dev.fermata.postgres.preflight.Question;
import java.util.List;
import java.util.stream.Stream;

/** Findings from rows that stand against the change. */
final class DataFindings {
    private DataFindings() {}

    static List<Finding> of(List<Answer> answers, List<Statement> statements) {
        return answers.stream()
                .flatMap(answer -> answer instanceof Answer.Counted counted && counted.rows() > 0
                        ? Stream.of(finding(
                                counted, statements.get(counted.question().statement())))
                        : Stream.empty())
                .toList();
    }

    private static Finding finding(Answer.Counted counted, Statement statement) {
        Question question = counted.question();
        Kind kind = question.kind();
        boolean refused = !kind.sqlStates().isEmpty();
        boolean repaired = question.beforeRepairs();
        return new Finding(
                refused ? "data-stands-against" : "data-is-lost",
                repaired ? RiskLevel.MEDIUM : RiskLevel.HIGH,
                statement.index(),
                statement.line(),
                statement.column(),
                counted.text(),
                refused
                        ? "The server refuses the statement while there are such rows, with error "
                                + String.join(
                                        " or ",
                                        kind.sqlStates().stream().sorted().toList()) + "."
                        : "The server changes these values without a word.",
                refused
                        ? repaired
                                ? "Make sure that the statements before it mend all of them."
                                : "Mend the rows first, in a change of their own."
                        : "Look at the values first; keep a copy of the column.",
                null,
                null,
                question.relation().toString());
    }
}
