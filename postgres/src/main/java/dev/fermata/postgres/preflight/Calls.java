package dev.fermata.postgres.preflight;

import dev.fermata.postgres.parser.Token;
import dev.fermata.postgres.parser.Token.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an expression may run, by name. Rather one name too many than one too few: a name that no function has does no
 * harm.
 *
 * @param functions without schema
 * @param elsewhere functions written with a schema that is not {@code pg_catalog}, with it
 * @param operators without schema
 * @param types that something is cast to, without schema
 */
public record Calls(Set<String> functions, Set<String> elsewhere, Set<String> operators, Set<String> types) {
    static final Calls NONE = new Calls(Set.of(), Set.of(), Set.of(), Set.of());

    /** Words that stand for operators. */
    private static final Map<String, List<String>> OPERATOR_WORDS = Map.of(
            "like", List.of("~~", "!~~"),
            "ilike", List.of("~~*", "!~~*"),
            "similar", List.of("~", "!~"),
            "between", List.of("<=", ">=", "<", ">"),
            "in", List.of("=", "<>"),
            "distinct", List.of("="),
            "nullif", List.of("="),
            "case", List.of("="));

    /** Words that are functions without brackets, and answer for the role that asks. */
    private static final Set<String> OF_THE_ROLE =
            Set.of("current_user", "session_user", "user", "current_role", "current_catalog", "current_schema");

    public Calls {
        functions = Set.copyOf(functions);
        elsewhere = Set.copyOf(elsewhere);
        operators = Set.copyOf(operators);
        types = Set.copyOf(types);
    }

    /** Of an expression that the grammar has accepted, or that the server has printed. */
    static Calls in(String expression) {
        Set<String> functions = new TreeSet<>();
        Set<String> elsewhere = new TreeSet<>();
        Set<String> operators = new TreeSet<>();
        Set<String> types = new TreeSet<>();
        List<Token> tokens = Token.of(expression);
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.kind() == Kind.OPERATOR) {
                operator(token.text(), operators);
            } else if (Tokens.isName(token)) {
                String name = Tokens.unquoted(token);
                operators.addAll(token.kind() == Kind.WORD ? OPERATOR_WORDS.getOrDefault(name, List.of()) : List.of());
                boolean called = is(tokens, i + 1, '(');
                boolean ofValue = is(tokens, i - 1, '.') && (is(tokens, i - 2, ')') || is(tokens, i - 2, ']'));
                if (called || ofValue || (token.kind() == Kind.WORD && OF_THE_ROLE.contains(name))) {
                    functions.add(name);
                }
                if (called && is(tokens, i - 1, '.') && !ofValue && i > 1) {
                    String schema = Tokens.unquoted(tokens.get(i - 2));
                    if (!schema.equals("pg_catalog")) {
                        elsewhere.add(schema + "." + name);
                    }
                }
                if (isType(tokens, i) && !is(tokens, i + 1, '.')) {
                    types.add(name);
                }
            }
        }
        return new Calls(functions, elsewhere, operators, types);
    }

    Calls and(Calls other) {
        return new Calls(
                union(functions, other.functions),
                union(elsewhere, other.elsewhere),
                union(operators, other.operators),
                union(types, other.types));
    }

    boolean isEmpty() {
        return functions.isEmpty() && elsewhere.isEmpty() && operators.isEmpty() && types.isEmpty();
    }

    /** A sign at the end belongs to the number after it, unless the operator has one of the rarer characters. */
    private static void operator(String text, Set<String> operators) {
        operators.add(text);
        String shorter = text;
        boolean rare = text.chars().anyMatch(c -> "~!@#%^&|`?".indexOf(c) >= 0);
        while (!rare && shorter.length() > 1 && (shorter.endsWith("-") || shorter.endsWith("+"))) {
            operators.add(shorter.substring(shorter.length() - 1));
            shorter = shorter.substring(0, shorter.length() - 1);
            operators.add(shorter);
        }
    }

    /** The name after {@code ::} or AS, with or without a schema. */
    private static boolean isType(List<Token> tokens, int at) {
        int first = at;
        while (first > 1 && is(tokens, first - 1, '.')) {
            first -= 2;
        }
        return is(tokens, first - 1, ':') || (first > 0 && tokens.get(first - 1).isWord("as"));
    }

    private static boolean is(List<Token> tokens, int at, char symbol) {
        return at >= 0 && at < tokens.size() && tokens.get(at).isSymbol(symbol);
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> all = new TreeSet<>(one);
        all.addAll(other);
        return all;
    }

    /** Functions that answer for the role that asks, so not for the one that will run the change. */
    Set<String> ofTheRole() {
        Set<String> found = new TreeSet<>(functions);
        found.retainAll(OF_THE_ROLE);
        return found;
    }
}
