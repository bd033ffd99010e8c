package dev.fermata.postgres.parser;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.parser.OpaquePlace.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Gathers what stands in the body of one statement, and in the bodies inside that. Used once, by one thread. */
final class BodyReader {
    /** DO in EXECUTE in DO: nobody writes more of them than this. */
    private static final int MAX_DEPTH = 8;

    /** What libpg_query says of types that only a catalog knows: {@code x%TYPE[]}, arrays of composite types. */
    private static final Pattern NOT_THE_SERVERS =
            Pattern.compile("^(?:Not implemented|PL/pgSQL functions cannot (?:return|accept) type)");

    private static final String NO_SQL = "PostgreSQL's parser refuses it: ";

    private final LibPgQuery libPgQuery;
    private final Places places;
    private final List<BodyStatement> statements = new ArrayList<>();
    private final List<OpaquePlace> opaque = new ArrayList<>();
    private final List<BodyError> errors = new ArrayList<>();
    private long treeBytes;

    BodyReader(LibPgQuery libPgQuery, Statement statement) {
        this.libPgQuery = libPgQuery;
        this.places = new Places(statement);
    }

    /** @throws SqlRefusedException when it passes a limit */
    Body read(String language, boolean runsAtOnce) {
        Statement statement = places.statement();
        open(statement.kind(), statement.node(), SourceText.of(statement.text()), Set.of(), 0);
        return new Body(language, runsAtOnce, inOrder(), opaque, errors);
    }

    /** Declarations of nested blocks are found apart from what stands around them. */
    private List<BodyStatement> inOrder() {
        List<BodyStatement> inOrder = new ArrayList<>();
        statements.stream()
                .sorted(Comparator.comparingInt(one -> one.statement().start()))
                .forEach(one -> inOrder.add(one.numbered(inOrder.size())));
        return inOrder;
    }

    private void open(String kind, JsonNode node, SourceText source, Set<Flow> flow, int depth) {
        String language = BodyText.language(kind, node);
        Optional<StringConstant> constant = BodyText.constant(kind, node, source);
        if (depth > MAX_DEPTH) {
            opaque(Reason.LIMIT, source.origin(0), "bodies are nested more than " + MAX_DEPTH + " deep", flow);
        } else if (node.has("sql_body")) {
            BodyText.atomic(source).forEach(part -> atomic(part, flow, depth));
        } else if (constant.isPresent() && language.equals("sql")) {
            sql(constant.get().value(), flow, false, depth);
        } else if (constant.isPresent() && language.equals("plpgsql")) {
            plpgsql(source, constant.get(), flow, depth);
        } else {
            opaque(
                    Reason.LANGUAGE,
                    source.origin(constant.map(StringConstant::start).orElse(0)),
                    language.isEmpty()
                            ? "the body has no language (expected: LANGUAGE sql or plpgsql)"
                            : "what a body in the language " + language + " does cannot be seen",
                    flow);
        }
    }

    private void atomic(SourceText part, Set<Flow> flow, int depth) {
        Lexer lexer = new Lexer(part.text());
        if (lexer.next() && lexer.isWord("return")) {
            expression(part.slice(lexer.end(), part.length()), flow);
        } else {
            sql(part, flow, false, depth);
        }
    }

    private void plpgsql(SourceText source, StringConstant constant, Set<Flow> flow, int depth) {
        Positions text = new Positions(source.text());
        LibPgQuery.Outcome outcome = libPgQuery.parsePlpgsql(text.utf8());
        switch (outcome) {
            case LibPgQuery.Tree tree -> {
                JsonNode function = counted(tree).path("plpgsql_funcs").path(0).path("PLpgSQL_function");
                new PlpgsqlReader(this, constant.value(), depth).read(function, flow);
            }
            case LibPgQuery.Failure failure -> {
                SqlInputException refused = new ScriptReader(text).translated(failure);
                if (refused instanceof SqlRefusedException limit) {
                    throw limit;
                }
                if (NOT_THE_SERVERS.matcher(failure.message()).find()) {
                    opaque(
                            Reason.LIMIT,
                            constant.value().origin(0),
                            "its types cannot be told without a database",
                            flow);
                    return;
                }
                int offset = new PlpgsqlErrorPlace(libPgQuery, source, constant, failure.message()).find();
                error(failure.message(), constant.value().origin(offset), flow);
            }
        }
    }

    /**
     * Statements that the server would run one after the other.
     *
     * @param executed whether it is the text of an EXECUTE
     */
    void sql(SourceText text, Set<Flow> flow, boolean executed, int depth) {
        Positions positions = new Positions(text.text());
        List<Statement> parsed;
        try {
            parsed = parse(positions);
        } catch (SqlSyntaxException e) {
            error(String.valueOf(e.getMessage()), text.origin(Math.max(0, e.offset())), flow);
            return;
        }
        for (Statement statement : parsed) {
            SourceText source = text.slice(statement.start(), statement.end());
            if (statement.kind().equals("DoStmt")) {
                open(statement.kind(), statement.node(), source, flow, depth + 1);
            } else {
                add(statement, source, flow, executed);
            }
        }
    }

    /** An expression, which is of interest if it reads a table or calls a function. */
    void expression(SourceText text, Set<Flow> flow) {
        if (!Expression.mayDoSomething(text.text())) {
            return;
        }
        SourceText select = Expression.asSelect(text);
        try {
            for (Statement statement : parse(new Positions(select.text()))) {
                if (Expression.doesSomething(statement.node())) {
                    add(statement, select.slice(statement.start(), statement.end()), flow, false);
                }
            }
        } catch (SqlSyntaxException e) {
            opaque(Reason.SYNTAX, text.origin(0), NO_SQL + e.getMessage(), flow);
        }
    }

    /** What EXECUTE is given: constant text is read, all else is opaque. */
    void executed(SourceText text, Set<Flow> flow, int depth) {
        SourceText select = Expression.asSelect(text);
        Optional<SourceText> constant;
        try {
            constant = ConstantSql.of(select, parse(new Positions(select.text())));
        } catch (SqlSyntaxException e) {
            constant = Optional.empty();
        }
        constant.ifPresentOrElse(
                sql -> sql(sql, flow, true, depth),
                () -> opaque(
                        Reason.DYNAMIC, text.origin(0), "EXECUTE runs text that is put together when it runs", flow));
    }

    void opaque(Reason reason, int origin, String why, Set<Flow> flow) {
        opaque.add(new OpaquePlace(reason, origin, places.line(origin), places.column(origin), why, flow));
    }

    private void error(String message, int origin, Set<Flow> flow) {
        errors.add(new BodyError(message, origin, places.line(origin), places.column(origin)));
        opaque(Reason.SYNTAX, origin, NO_SQL + message, flow);
    }

    private void add(Statement read, SourceText source, Set<Flow> flow, boolean executed) {
        int start = source.origin(0);
        int end = Math.max(start, source.origin(Math.max(0, source.length() - 1)) + 1);
        int script = places.statement().start();
        Statement placed = new Statement(
                0,
                script + start,
                script + end,
                places.line(start),
                places.column(start),
                read.text(),
                read.kind(),
                read.node());
        statements.add(new BodyStatement(placed, flow, executed, source, places));
    }

    private List<Statement> parse(Positions text) {
        if (Thread.currentThread().isInterrupted()) {
            throw new SqlRefusedException(
                    SqlRefusedException.Reason.TOO_SLOW, "reading the body took too long: split it");
        }
        LibPgQuery.Outcome outcome = libPgQuery.parse(text.utf8());
        if (outcome instanceof LibPgQuery.Tree tree) {
            count(tree);
        }
        return new ScriptReader(text).read(outcome);
    }

    private JsonNode counted(LibPgQuery.Tree tree) {
        count(tree);
        return ScriptReader.tree(tree.json());
    }

    private void count(LibPgQuery.Tree tree) {
        treeBytes += tree.json().length;
        if (treeBytes > ScriptReader.MAX_TREE_BYTES) {
            throw new SqlRefusedException(
                    SqlRefusedException.Reason.TOO_LARGE,
                    "the parse trees of the body have more than %d bytes: split it into smaller ones"
                            .formatted(ScriptReader.MAX_TREE_BYTES));
        }
    }
}
