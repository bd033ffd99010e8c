package dev.fermata.postgres.parser;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the places in a statement's text where other text can be spliced in, so that the author's text stays as it is.
 */
public final class SqlText {
    private SqlText() {}

    /**
     * The condition of an UPDATE or DELETE itself, not of a subselect, a WITH query or a FILTER in it.
     *
     * <pre>{@code
     * DELETE FROM t USING u WHERE t.a = u.a -- gone  RETURNING *   gives [28, 37)
     * UPDATE t SET a = 1 RETURNING b                               gives "insert at 18"
     * }</pre>
     *
     * @throws IllegalArgumentException for a statement of another kind
     */
    public static WhereClause whereClause(Statement statement) {
        if (!statement.kind().equals("UpdateStmt") && !statement.kind().equals("DeleteStmt")) {
            throw new IllegalArgumentException("statement: " + statement + " (expected: an UpdateStmt or DeleteStmt)");
        }
        TopLevelClauses clauses = TopLevelClauses.of(statement.text());
        if (statement.node().has("whereClause") != (clauses.conditionStart >= 0)) {
            throw new IllegalStateException("the WHERE clause of the " + statement + " cannot be found in its text");
        }
        return clauses.conditionStart < 0
                ? new WhereClause.Absent(clauses.end)
                : new WhereClause.Present(clauses.conditionStart, clauses.end);
    }

    /**
     * Where the parts of a statement's comma-separated list begin: the first one after the name at {@code name}, then
     * after each comma outside brackets.
     *
     * <pre>{@code ALTER TABLE ONLY a.t ADD b numeric(1, 2), DROP c   with the offset of a.t gives [21, 42]}</pre>
     *
     * @param name offset of a qualified name in the statement's text
     */
    public static List<Integer> listStarts(Statement statement, int name) {
        List<Integer> starts = new ArrayList<>();
        Lexer lexer = new Lexer(statement.text(), name, statement.text().length());
        if (!lexer.next()) {
            return starts;
        }
        boolean more = lexer.next();
        while (more && lexer.isSymbol('.')) {
            lexer.next();
            more = lexer.next();
        }
        if (more && statement.text().startsWith("*", lexer.start())) {
            more = lexer.next(); // ALTER TABLE t * includes descendants, as it does anyway
        }
        int depth = 0;
        boolean first = true;
        for (; more; more = lexer.next()) {
            if (first) {
                starts.add(lexer.start());
            }
            depth += TopLevelClauses.depthChange(lexer);
            first = depth == 0 && lexer.isSymbol(',');
        }
        return starts;
    }

    /**
     * WHERE and RETURNING are reserved words, so outside all brackets they are the statement's own clauses, unless they
     * follow a dot ({@code t.where}). {@code end} is the end of the last token before RETURNING.
     */
    private record TopLevelClauses(int conditionStart, int end) {

        static TopLevelClauses of(String text) {
            int depth = 0;
            int conditionStart = -1;
            int end = 0;
            boolean where = false;
            boolean afterDot = false;
            for (Lexer lexer = new Lexer(text); lexer.next(); ) {
                boolean keyword = depth == 0 && !afterDot;
                if (keyword && lexer.isWord("returning")) {
                    break;
                }
                if (where && conditionStart < 0) {
                    conditionStart = lexer.start();
                }
                where |= keyword && lexer.isWord("where");
                depth += depthChange(lexer);
                afterDot = lexer.isSymbol('.');
                end = lexer.end();
            }
            return new TopLevelClauses(conditionStart, end);
        }

        private static int depthChange(Lexer lexer) {
            if (lexer.isSymbol('(') || lexer.isSymbol('[')) {
                return 1;
            }
            return lexer.isSymbol(')') || lexer.isSymbol(']') ? -1 : 0;
        }
    }
}
