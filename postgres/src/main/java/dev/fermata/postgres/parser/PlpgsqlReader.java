package dev.fermata.postgres.parser;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.parser.OpaquePlace.Reason;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Walks over the tree of a PL/pgSQL body in the order of its text and hands on what runs SQL. Used once, by one thread.
 *
 * <p>The tree is that of PostgreSQL's own PL/pgSQL parser as libpg_query prints it; fields that are zero, false or empty
 * are left out.
 */
final class PlpgsqlReader {
    /** RAISE EXCEPTION and RAISE alone. */
    private static final int ERROR = 21;

    private final BodyReader found;
    private final PlpgsqlPlaces text;
    private final int depth;
    private boolean loopMayHaveEnded;
    private boolean bodyMayHaveEnded;

    PlpgsqlReader(BodyReader found, SourceText body, int depth) {
        this.found = found;
        this.text = new PlpgsqlPlaces(body);
        this.depth = depth;
    }

    void read(JsonNode function, Set<Flow> flow) {
        Set<Flow> declared = with(flow, Flow.DECLARED);
        for (JsonNode datum : function.path("datums")) {
            JsonNode variable = datum.path("PLpgSQL_var");
            int line = variable.path("lineno").asInt();
            text.goTo(line);
            text.verbatim(query(variable.path("default_val")), line)
                    .ifPresent(value -> found.expression(value, text.isBeforeBegin() ? flow : declared));
            sql(variable.path("cursor_explicit_expr"), line, declared);
        }
        text.goToBegin();
        one(function.path("action"), flow);
    }

    private void all(JsonNode statements, Set<Flow> flow) {
        for (JsonNode statement : statements) {
            one(statement, flow);
        }
    }

    private void one(JsonNode wrapped, Set<Flow> around) {
        Map.Entry<String, JsonNode> entry = wrapped.properties().iterator().next();
        JsonNode statement = entry.getValue();
        int line = statement.path("lineno").asInt();
        Set<Flow> flow = bodyMayHaveEnded || loopMayHaveEnded ? with(around, Flow.AFTER_EXIT) : around;
        text.goTo(line);
        switch (entry.getKey()) {
            case "PLpgSQL_stmt_block" -> block(statement, flow);
            case "PLpgSQL_stmt_if" -> branches(statement, line, flow);
            case "PLpgSQL_stmt_case" -> cases(statement, line, flow);
            case "PLpgSQL_stmt_loop",
                    "PLpgSQL_stmt_while",
                    "PLpgSQL_stmt_fori",
                    "PLpgSQL_stmt_fors",
                    "PLpgSQL_stmt_forc",
                    "PLpgSQL_stmt_foreach_a",
                    "PLpgSQL_stmt_dynfors" -> loop(statement, line, flow);
            case "PLpgSQL_stmt_execsql" -> sql(statement.path("sqlstmt"), line, flow);
            case "PLpgSQL_stmt_call" -> sql(statement.path("expr"), line, flow);
            case "PLpgSQL_stmt_perform" ->
                text.performed(query(statement.path("expr")), line)
                        .ifPresent(select -> found.sql(select, flow, false, depth));
            case "PLpgSQL_stmt_commit", "PLpgSQL_stmt_rollback" ->
                found.sql(text.word(entry.getKey().substring("PLpgSQL_stmt_".length())), flow, false, depth);
            case "PLpgSQL_stmt_assign" -> assignment(statement.path("expr"), line, flow);
            case "PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_return_query", "PLpgSQL_stmt_open" ->
                dynamic(statement, line, flow);
            case "PLpgSQL_stmt_exit", "PLpgSQL_stmt_return", "PLpgSQL_stmt_raise" -> leave(entry, line, flow);
            case "PLpgSQL_stmt_return_next", "PLpgSQL_stmt_fetch" -> expression(statement.path("expr"), line, flow);
            case "PLpgSQL_stmt_assert" -> {
                expression(statement.path("cond"), line, flow);
                expression(statement.path("message"), line, flow);
            }
            case "PLpgSQL_stmt_getdiag", "PLpgSQL_stmt_close" -> {}
            default ->
                found.opaque(Reason.LANGUAGE, text.origin(line), "a PL/pgSQL statement that is not known here", flow);
        }
    }

    private void block(JsonNode block, Set<Flow> flow) {
        boolean caught = block.has("exceptions");
        all(block.path("body"), caught ? with(flow, Flow.CAUGHT) : flow);
        for (JsonNode handler :
                block.path("exceptions").path("PLpgSQL_exception_block").path("exc_list")) {
            all(handler.path("PLpgSQL_exception").path("action"), with(flow, Flow.HANDLER));
        }
    }

    private void branches(JsonNode statement, int line, Set<Flow> flow) {
        Set<Flow> inside = with(flow, Flow.BRANCH);
        expression(statement.path("cond"), line, flow);
        all(statement.path("then_body"), inside);
        for (JsonNode wrapped : statement.path("elsif_list")) {
            JsonNode other = wrapped.path("PLpgSQL_if_elsif");
            expression(other.path("cond"), other.path("lineno").asInt(), inside);
            all(other.path("stmts"), inside);
        }
        all(statement.path("else_body"), inside);
    }

    private void cases(JsonNode statement, int line, Set<Flow> flow) {
        Set<Flow> inside = with(flow, Flow.BRANCH);
        expression(statement.path("t_expr"), line, flow);
        for (JsonNode wrapped : statement.path("case_when_list")) {
            JsonNode when = wrapped.path("PLpgSQL_case_when");
            expression(when.path("expr"), when.path("lineno").asInt(), inside);
            all(when.path("stmts"), inside);
        }
        all(statement.path("else_stmts"), inside);
    }

    private void loop(JsonNode statement, int line, Set<Flow> flow) {
        for (String field : new String[] {"cond", "lower", "upper", "step", "argquery", "expr"}) {
            expression(statement.path(field), line, flow);
        }
        boolean dynamic = statement.has("params")
                || statement
                                .path("query")
                                .path("PLpgSQL_expr")
                                .path("parseMode")
                                .asInt()
                        != 0;
        if (dynamic) {
            executed(statement.path("query"), line, flow);
        } else if (statement.has("query")) {
            sql(statement.path("query"), line, flow);
        }
        expressions(statement.path("params"), line, flow);
        boolean before = loopMayHaveEnded;
        all(statement.path("body"), with(flow, Flow.LOOP));
        loopMayHaveEnded = before;
    }

    /** EXECUTE, RETURN QUERY and OPEN: each may have a query of its own, or text that it executes. */
    private void dynamic(JsonNode statement, int line, Set<Flow> flow) {
        expression(statement.path("argquery"), line, flow);
        if (statement.has("dynquery")) {
            executed(statement.path("dynquery"), line, flow);
        } else if (query(statement.path("query")).isEmpty()) {
            return;
        } else if (statement
                        .path("query")
                        .path("PLpgSQL_expr")
                        .path("parseMode")
                        .asInt()
                == 0) {
            sql(statement.path("query"), line, flow);
        } else {
            executed(statement.path("query"), line, flow);
        }
        expressions(statement.path("params"), line, flow);
    }

    private void leave(Map.Entry<String, JsonNode> entry, int line, Set<Flow> flow) {
        JsonNode statement = entry.getValue();
        expression(statement.path("cond"), line, flow);
        expression(statement.path("expr"), line, flow);
        expressions(statement.path("params"), line, flow);
        for (JsonNode option : statement.path("options")) {
            expression(option.path("PLpgSQL_raise_option").path("expr"), line, flow);
        }
        if (entry.getKey().equals("PLpgSQL_stmt_exit") && !statement.has("label")) {
            loopMayHaveEnded = true;
        } else if (!entry.getKey().equals("PLpgSQL_stmt_raise")
                || statement.path("elog_level").asInt() >= ERROR) {
            bodyMayHaveEnded = true;
        }
    }

    /** The target may call functions too, in its subscripts. */
    private void assignment(JsonNode expression, int line, Set<Flow> flow) {
        text.verbatim(query(expression), line)
                .ifPresent(whole -> Expression.ofAssignment(whole).forEach(part -> found.expression(part, flow)));
    }

    private void sql(JsonNode expression, int line, Set<Flow> flow) {
        text.verbatim(query(expression), line).ifPresent(sql -> found.sql(sql, flow, false, depth));
    }

    private void executed(JsonNode expression, int line, Set<Flow> flow) {
        text.verbatim(query(expression), line).ifPresent(value -> found.executed(value, flow, depth));
    }

    private void expression(JsonNode expression, int line, Set<Flow> flow) {
        text.verbatim(query(expression), line).ifPresent(value -> found.expression(value, flow));
    }

    private void expressions(JsonNode list, int line, Set<Flow> flow) {
        list.forEach(one -> expression(one, line, flow));
    }

    private static String query(JsonNode expression) {
        return expression.path("PLpgSQL_expr").path("query").asText("");
    }

    private static Set<Flow> with(Set<Flow> flow, Flow more) {
        EnumSet<Flow> all = EnumSet.of(more);
        all.addAll(flow);
        return all;
    }
}
