package dev.fermata.analysis.policy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.compiler.CelCompiler;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.fermata.contracts.Nearest;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An expression of the policy, checked for its types. Evaluating it has no effects and its cost is limited. Thread-safe. */
final class Expression {
    private static final Set<CelKind> PRINTABLE =
            EnumSet.of(CelKind.STRING, CelKind.INT, CelKind.UINT, CelKind.DOUBLE, CelKind.BOOL);
    private static final Pattern UNKNOWN_NAME =
            Pattern.compile("(undefined field '(?<field>[^']*)'|undeclared reference to '(?<name>[^']*)').*");
    private static final Pattern FAILED = Pattern.compile("evaluation error(?: at <input>:(?<at>\\d+))?: (?<what>.*)");

    private final String source;
    private final CelRuntime.Program program;
    private final boolean perTable;

    private Expression(String source, CelRuntime.Program program, boolean perTable) {
        this.source = source;
        this.program = program;
        this.perTable = perTable;
    }

    /** @throws Wrong where it does not say yes or no about what is there to be asked */
    static Expression condition(String source) throws Wrong {
        return of(source, ExpressionLanguage.CONDITIONS);
    }

    /** @throws Wrong where it is no value that can be written out */
    static Expression value(String source) throws Wrong {
        return of(source, ExpressionLanguage.VALUES);
    }

    private static Expression of(String source, CelCompiler compiler) throws Wrong {
        CelValidationResult result = compiler.compile(source);
        if (result.hasError()) {
            throw new Wrong(result.getErrors().stream()
                    .map(issue -> issue(source, issue))
                    .distinct()
                    .toList());
        }
        try {
            CelAbstractSyntaxTree tree = result.getAst();
            if (!isPrintable(tree.getResultType())) {
                throw new Wrong(List.of(new Issue(
                        0,
                        1,
                        1,
                        "it gives " + tree.getResultType().name() + " (expected: text, a number or a list of them)")));
            }
            boolean perTable = tree.getReferenceMap().values().stream()
                    .anyMatch(reference -> reference.name().equals("table"));
            return new Expression(source, ExpressionLanguage.RUNTIME.createProgram(tree), perTable);
        } catch (CelValidationException | CelEvaluationException e) {
            throw new IllegalStateException("an expression that was checked cannot be planned: " + source, e);
        }
    }

    private static boolean isPrintable(CelType type) {
        return PRINTABLE.contains(type.kind())
                || (type instanceof ListType list
                        && list.elemType() != null
                        && PRINTABLE.contains(list.elemType().kind()));
    }

    /** Whether the answer depends on which table of the statement is asked about. */
    boolean isPerTable() {
        return perTable;
    }

    /** @throws Failed where there is no answer, such as for an element that a list does not have */
    boolean holds(Facts facts) throws Failed {
        return evaluate(facts) instanceof Boolean answer && answer;
    }

    /** The value written out; the elements of a list with commas. */
    String text(Facts facts) throws Failed {
        Object value = evaluate(facts);
        return value instanceof Collection<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : String.valueOf(value);
    }

    private Object evaluate(Facts facts) throws Failed {
        try {
            return program.eval(name -> Optional.of(facts.value(name)));
        } catch (CelEvaluationException e) {
            throw new Failed(what(String.valueOf(e.getMessage())), e);
        }
    }

    private String what(String message) {
        Matcher matcher = FAILED.matcher(message);
        if (!matcher.matches()) {
            return message;
        }
        String at = matcher.group("at");
        return matcher.group("what") + (at == null ? "" : ", at " + lineAndColumn(Integer.parseInt(at)));
    }

    private String lineAndColumn(int offset) {
        String before = source.substring(0, Math.min(offset, source.length()));
        return (before.chars().filter(c -> c == '\n').count() + 1)
                + ":"
                + (before.length() - before.lastIndexOf('\n'))
                + " of '"
                + source.strip()
                + "'";
    }

    private static Issue issue(String source, CelIssue issue) {
        int line = Math.max(1, issue.getSourceLocation().getLine());
        int column = Math.max(0, issue.getSourceLocation().getColumn());
        int start = 0;
        for (int i = 1; i < line; i++) {
            start = source.indexOf('\n', start) + 1;
        }
        return new Issue(start + column, line, column + 1, issue.getMessage() + nearest(issue.getMessage()));
    }

    private static String nearest(String message) {
        Matcher matcher = UNKNOWN_NAME.matcher(message);
        if (!matcher.matches()) {
            return "";
        }
        String unknown = matcher.group("field") != null ? matcher.group("field") : matcher.group("name");
        return Nearest.of(unknown, ExpressionLanguage.names())
                .map(near -> "; did you mean '" + near + "'?")
                .orElse("");
    }

    /**
     * Something wrong with an expression.
     *
     * @param offset in its text
     * @param line 1-based, within its text
     * @param column 1-based
     */
    record Issue(int offset, int line, int column, String message) {}

    /** It is no expression, or not of the right type. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient List<Issue> issues;

        Wrong(List<Issue> issues) {
            super(issues.getFirst().message());
            this.issues = List.copyOf(issues);
        }

        List<Issue> issues() {
            return issues;
        }
    }

    /** It has no answer for these facts. */
    static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        Failed(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
