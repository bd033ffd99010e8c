package dev.fermata.analysis.policy;

import java.util.List;
import java.util.Optional;

/** Expressions with the place of each mistake in the file. */
final class ExpressionReader {
    private ExpressionReader() {}

    static Optional<Expression> condition(PolicyNode.Text text, String pointer, PolicyProblems problems) {
        try {
            return Optional.of(Expression.condition(text.text()));
        } catch (Expression.Wrong e) {
            report(e.issues(), text, pointer, "a condition", problems);
            return Optional.empty();
        }
    }

    static Optional<Template> template(PolicyNode.Text text, String pointer, PolicyProblems problems) {
        try {
            return Optional.of(Template.parse(text.text()));
        } catch (Expression.Wrong e) {
            report(e.issues(), text, pointer, "text with ${expressions}", problems);
            return Optional.empty();
        }
    }

    private static void report(
            List<Expression.Issue> issues,
            PolicyNode.Text text,
            String pointer,
            String expected,
            PolicyProblems problems) {
        issues.forEach(issue -> problems.add(
                "bad-expression",
                text.placeOf(issue.offset()),
                pointer,
                issue.message() + ", at " + issue.line() + ":" + issue.column() + " of the text (expected: " + expected
                        + " over the variables of docs/policy.md)"));
    }
}
