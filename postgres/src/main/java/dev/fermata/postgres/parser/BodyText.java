package dev.fermata.postgres.parser;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds the language and the text of a body in the statement that has it. */
final class BodyText {
    private BodyText() {}

    /** DO is PL/pgSQL unless it says otherwise, and what has no string is SQL. */
    static String language(String kind, JsonNode node) {
        String language = node.has("sql_body") ? "sql" : kind.equals("DoStmt") ? "plpgsql" : "";
        for (JsonNode option : node.path(options(kind))) {
            if (option.path("DefElem").path("defname").asText().equals("language")) {
                language = option.path("DefElem")
                        .path("arg")
                        .path("String")
                        .path("sval")
                        .asText("");
            }
        }
        return language.toLowerCase(Locale.ROOT);
    }

    /** The string constant that is the body. */
    static Optional<StringConstant> constant(String kind, JsonNode node, SourceText source) {
        Optional<StringConstant> found = Optional.empty();
        for (JsonNode option : node.path(options(kind))) {
            JsonNode element = option.path("DefElem");
            if (element.path("defname").asText().equals("as")) {
                JsonNode argument = element.path("arg");
                JsonNode string = argument.has("List")
                        ? argument.path("List").path("items").path(0)
                        : argument;
                found = StringConstant.at(
                        source,
                        element.path("location").asInt(),
                        string.path("String").path("sval").asText(""));
            }
        }
        return found;
    }

    private static String options(String kind) {
        return kind.equals("DoStmt") ? "args" : "options";
    }

    /** What stands between the semicolons of BEGIN ATOMIC and END, or after RETURN. */
    static List<SourceText> atomic(SourceText source) {
        List<SourceText> parts = new ArrayList<>();
        int depth = 0;
        int from = -1;
        int last = -1;
        boolean begin = false;
        Lexer lexer = new Lexer(source.text());
        while (lexer.next()) {
            depth += depthChange(lexer, from >= 0);
            if (from < 0) {
                boolean starts = depth == 0 && (lexer.isWord("return") || (begin && lexer.isWord("atomic")));
                begin = lexer.isWord("begin");
                from = starts ? (begin || lexer.isWord("atomic") ? lexer.end() : lexer.start()) : -1;
                last = from;
            } else if (depth == 0 && lexer.isSymbol(';')) {
                addPart(source, from, last, parts);
                from = lexer.end();
                last = from;
            } else if (depth >= 0) {
                last = lexer.end();
            } else {
                break; // the END of BEGIN ATOMIC
            }
        }
        addPart(source, Math.max(0, from), Math.max(0, last), parts);
        return parts;
    }

    private static int depthChange(Lexer lexer, boolean inBody) {
        if (lexer.isSymbol('(') || lexer.isSymbol('[') || (inBody && lexer.isWord("case"))) {
            return 1;
        }
        return lexer.isSymbol(')') || lexer.isSymbol(']') || (inBody && lexer.isWord("end")) ? -1 : 0;
    }

    private static void addPart(SourceText source, int from, int to, List<SourceText> parts) {
        Lexer lexer = new Lexer(source.text(), from, Math.max(from, to));
        if (lexer.next()) {
            parts.add(source.slice(lexer.start(), to));
        }
    }
}
