package dev.fermata.postgres.parser;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The value of an expression that is nothing but constants: string constants, {@code ||} and {@code format()}, as far as
 * these are the server's own functions. Empty for everything else, and for what the server would refuse.
 */
final class ConstantSql {
    private final SourceText select;

    private ConstantSql(SourceText select) {
        this.select = select;
    }

    /** @param parsed what {@code SELECT expression} is */
    static Optional<SourceText> of(SourceText select, List<Statement> parsed) {
        if (parsed.size() != 1 || !parsed.getFirst().kind().equals("SelectStmt")) {
            return Optional.empty();
        }
        Statement statement = parsed.getFirst();
        JsonNode targets = statement.node().path("targetList");
        boolean plain = statement.node().size() == 3 && targets.size() == 1; // and limitOption, op: always printed
        if (!plain) {
            return Optional.empty();
        }
        SourceText text = select.slice(statement.start(), statement.end());
        return new ConstantSql(text)
                .value(targets.path(0).path("ResTarget").path("val"))
                .filter(value -> !value.isNull())
                .map(FormatCall.Argument::text);
    }

    private Optional<FormatCall.Argument> value(JsonNode node) {
        if (node.has("A_Const")) {
            return constant(node.path("A_Const"));
        }
        if (node.has("TypeCast")) {
            boolean text = lastName(node.path("TypeCast").path("typeName").path("names"))
                            .equals("text")
                    && !node.path("TypeCast").path("typeName").has("arrayBounds");
            return text ? value(node.path("TypeCast").path("arg")) : Optional.empty();
        }
        if (node.has("A_Expr")) {
            return joined(node.path("A_Expr"));
        }
        return node.has("FuncCall") ? format(node.path("FuncCall")) : Optional.empty();
    }

    private Optional<FormatCall.Argument> constant(JsonNode constant) {
        int at = constant.path("location").asInt();
        if (constant.has("sval")) {
            return StringConstant.at(
                            select, at, constant.path("sval").path("sval").asText(""))
                    .map(string -> new FormatCall.Argument(string.value(), false));
        }
        String written = constant.has("ival")
                ? constant.path("ival").path("ival").asText("0")
                : constant.path("fval").path("fval").asText("");
        if (constant.path("isnull").asBoolean()) {
            return Optional.of(new FormatCall.Argument(SourceText.at("", select.origin(at)), true));
        }
        return written.isEmpty()
                ? Optional.empty()
                : Optional.of(new FormatCall.Argument(SourceText.at(written, select.origin(at)), false));
    }

    private Optional<FormatCall.Argument> joined(JsonNode expression) {
        boolean joins = expression.path("kind").asText().equals("AEXPR_OP")
                && expression.path("name").size() == 1
                && lastName(expression.path("name")).equals("||");
        if (!joins) {
            return Optional.empty();
        }
        Optional<FormatCall.Argument> left = value(expression.path("lexpr"));
        Optional<FormatCall.Argument> right = left.isEmpty() ? left : value(expression.path("rexpr"));
        return right.map(end -> left.get().isNull() || end.isNull()
                ? new FormatCall.Argument(end.text(), true)
                : new FormatCall.Argument(
                        new SourceText.Builder()
                                .append(left.get().text())
                                .append(end.text())
                                .build(),
                        false));
    }

    private Optional<FormatCall.Argument> format(JsonNode call) {
        JsonNode name = call.path("funcname");
        boolean ofTheServer = lastName(name).equals("format")
                && (name.size() == 1
                        || name.path(0).path("String").path("sval").asText().equals("pg_catalog"));
        boolean plain = !call.path("func_variadic").asBoolean()
                && !call.has("agg_filter")
                && !call.has("agg_order")
                && !call.has("over");
        if (!ofTheServer || !plain || call.path("args").isEmpty()) {
            return Optional.empty();
        }
        List<FormatCall.Argument> arguments = new ArrayList<>();
        for (JsonNode node : call.path("args")) {
            Optional<FormatCall.Argument> argument = value(node);
            if (argument.isEmpty()) {
                return Optional.empty();
            }
            arguments.add(argument.get());
        }
        return arguments.getFirst().isNull()
                ? Optional.empty()
                : new FormatCall(arguments).result().map(text -> new FormatCall.Argument(text, false));
    }

    private static String lastName(JsonNode names) {
        return names.path(names.size() - 1).path("String").path("sval").asText("");
    }
}
