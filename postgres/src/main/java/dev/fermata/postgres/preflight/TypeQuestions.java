package dev.fermata.postgres.preflight;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.SqlType;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.UserType;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.TypeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Values that do not fit into the new type of their column. */
final class TypeQuestions {
    private final Asking asking;
    private final Relation table;
    private final String column;
    private final String value;
    private final SqlType from;
    private final JsonNode written;
    private final String what;
    private final Table scanned;

    private TypeQuestions(Asking asking, AlterTable alter, Relation table, String column, AlterCommand command) {
        this.asking = asking;
        this.table = table;
        this.column = column;
        this.value = QualifiedName.quote(column);
        this.from = SqlType.printed(table.column(column).orElseThrow().type())
                .base(asking.change().schema());
        this.written = command.definition().path("ColumnDef").path("typeName");
        this.what = "rows of " + table.name() + " whose " + value + " does not fit into " + typeSql(asking, written);
        this.scanned = alter.only() ? Table.alone(table) : Table.withHeirs(table);
    }

    static void of(Asking asking, AlterTable alter, Relation table, AlterCommand command) {
        Optional<String> column = asking.change().oldColumn(table, command.name());
        if (column.isPresent()) {
            TypeQuestions questions = new TypeQuestions(asking, alter, table, column.get(), command);
            Optional<String> retyped = asking.retyped(table, List.of(command.name()));
            if (retyped.isPresent()) {
                asking.cannot(Kind.NEW_TYPE, table.name(), questions.what, retyped.get());
            } else {
                questions.ask(command.name(), command.using());
            }
        }
    }

    private static String typeSql(Asking asking, JsonNode typeName) {
        return typeSql(asking, TypeName.of(typeName));
    }

    /** The type as SQL that means the same under any search path, as far as the schema knows it. */
    static String typeSql(Asking asking, TypeName type) {
        WrittenName name = new WrittenName(type.schema(), type.name());
        boolean builtIn = type.schema().equals("pg_catalog");
        Optional<UserType> made = builtIn ? Optional.empty() : asking.change().type(name);
        if (made.isPresent()) {
            return made.get().name().sql() + (type.array() ? "[]" : "");
        }
        return builtIn
                        || (type.schema().isEmpty()
                                && QualifiedName.quote(type.name()).equals(type.name()))
                ? type.sql()
                : name + (type.array() ? "[]" : "");
    }

    private void ask(String name, JsonNode using) {
        SqlType to = type(written);
        boolean since16 = asking.since(16);
        if (using.isMissingNode() || isColumn(using, name)) {
            answer(domain(to, TypeFit.byItself(from, to.base(asking.change().schema()), value, since16)), to);
            return;
        }
        Optional<JsonNode> cast = castOf(using, name);
        if (cast.isEmpty()) {
            asking.cannot(
                    Kind.NEW_TYPE,
                    table.name(),
                    what,
                    "USING is an expression of its own: whether it fails on a row shows only when it is computed, and"
                            + " the first failure would end the count");
            keys(to, Optional.empty());
            return;
        }
        SqlType between = type(cast.get());
        SqlType base = between.base(asking.change().schema());
        boolean text = using.path("TypeCast").path("arg").has("TypeCast");
        TypeFit fit = TypeFit.written(
                text ? new SqlType("text", List.of(), false) : from, base, typeSql(asking, cast.get()), value, since16);
        boolean second = !between.equals(to)
                && !TypeFit.byItself(base, to.base(asking.change().schema()), value, since16)
                        .equals(TypeFit.ALWAYS);
        if (second) {
            asking.cannot(
                    Kind.NEW_TYPE,
                    table.name(),
                    what,
                    "USING converts to one type and the column to another: two steps "
                            + "that can fail, and the second shows only when the first is done");
            return;
        }
        answer(domain(between, fit), to);
    }

    private SqlType type(JsonNode typeName) {
        SqlType plain = SqlType.written(typeName);
        TypeName name = TypeName.of(typeName);
        // A type found through the search path of this place of the change, under its full name.
        return asking.change()
                .type(new WrittenName(name.schema(), name.name()))
                .filter(type -> !name.schema().equals("pg_catalog"))
                .map(type -> new SqlType(type.name().sql(), plain.modifiers(), plain.array()))
                .orElse(plain);
    }

    private static boolean isColumn(JsonNode node, String name) {
        JsonNode fields = node.path("ColumnRef").path("fields");
        return fields.size() == 1
                && fields.path(0).path("String").path("sval").asText().equals(name);
    }

    /** The type that USING casts the column to, directly or by way of text. */
    private static Optional<JsonNode> castOf(JsonNode using, String name) {
        JsonNode cast = using.path("TypeCast");
        JsonNode inner = cast.path("arg");
        if (inner.has("TypeCast")) {
            TypeName between = TypeName.of(inner.path("TypeCast").path("typeName"));
            boolean text = between.is("text", "varchar") && between.modifiers().isEmpty();
            inner = text ? inner.path("TypeCast").path("arg") : inner;
        }
        return isColumn(inner, name) ? Optional.of(cast.path("typeName")) : Optional.empty();
    }

    /** A domain refuses what its constraints refuse, and what its own type does. */
    private TypeFit domain(SqlType to, TypeFit base) {
        UserType domain = to.array()
                ? null
                : asking.change().schema().types().stream()
                        .filter(type -> type.kind() == UserType.Kind.DOMAIN
                                && type.name().sql().equals(to.name()))
                        .findFirst()
                        .orElse(null);
        if (domain == null
                || domain.constraints().isEmpty()
                || SqlType.printed(table.column(column).orElseThrow().type()).equals(to)) {
            return base;
        }
        boolean readByInput =
                base instanceof TypeFit.Unless unless && unless.sql().contains("pg_input_is_valid");
        if (!base.equals(TypeFit.ALWAYS) && !readByInput) {
            return new TypeFit.Unknown("the type of domain " + domain.name() + " may refuse values as well as its "
                    + "constraints, and those show only after the conversion");
        }
        List<String> against = new ArrayList<>();
        if (base instanceof TypeFit.Unless unless) {
            against.add(unless.sql());
        }
        for (String constraint : domain.constraints()) {
            if (constraint.equals("NOT NULL")) {
                against.add(value + " IS NULL");
            } else if (!readByInput) {
                Tokens.of(constraint)
                        .after("check")
                        .flatMap(Tokens::group)
                        .ifPresent(words -> against.add("("
                                + DomainQuestions.ofColumn(words, value + "::" + domain.baseType()) + ") IS FALSE"));
            }
        }
        return new TypeFit.Unless("(" + String.join(" OR ", against) + ")");
    }

    private void answer(TypeFit fit, SqlType to) {
        Calls calls = asking.withDomains(new Calls(Set.of(), Set.of(), Set.of(), Set.of(unqualified(to.name()))));
        Calls checks = new Calls(calls.functions(), calls.elsewhere(), calls.operators(), Set.of());
        switch (fit) {
            case TypeFit.Always always -> {}
            case TypeFit.Unless unless ->
                asking.count(Kind.NEW_TYPE, scanned, what, unless.sql(), List.of(column), checks);
            case TypeFit.Cuts cuts ->
                asking.count(
                        Kind.CUT_SHORT,
                        scanned,
                        "rows of " + table.name() + " whose " + value + " USING cuts to " + typeSql(asking, written),
                        cuts.sql(),
                        List.of(column),
                        Calls.NONE);
            case TypeFit.Unknown unknown -> asking.cannot(Kind.NEW_TYPE, table.name(), what, unknown.why());
        }
        if (!TypeFit.keepsDistinct(from, to.base(asking.change().schema()))) {
            keys(to, converted(fit));
        }
    }

    private static String unqualified(String type) {
        String name = type.substring(type.lastIndexOf('.') + 1);
        return name.startsWith("\"") ? name.substring(1, name.length() - 1) : name;
    }

    /** The value as it will be, and null where it does not fit: such a row is counted elsewhere. */
    private Optional<String> converted(TypeFit fit) {
        String cast = "CAST(" + value + " AS " + typeSql(asking, written) + ")";
        return switch (fit) {
            case TypeFit.Always always -> Optional.of(cast);
            case TypeFit.Cuts cuts -> Optional.of(cast);
            case TypeFit.Unless unless ->
                Optional.of("CASE WHEN (" + unless.sql() + ") IS NOT TRUE THEN " + cast + " END");
            case TypeFit.Unknown unknown -> Optional.empty();
        };
    }

    /** Values that differ now may be equal in the new type, and then unique indexes refuse them. */
    private void keys(SqlType to, Optional<String> converted) {
        for (Index index : table.indexes()) {
            if (!index.unique() || !index.keys().contains(column)) {
                continue;
            }
            String equal = "rows of " + table.name() + " with the same key of " + index.name() + " as another, once "
                    + value + " is " + to.name();
            if (converted.isEmpty() || index.predicate() != null || index.keys().contains("")) {
                asking.cannot(
                        Kind.UNIQUE,
                        table.name(),
                        equal,
                        "the conversion may make values equal that differ now, and which ones shows only when it is"
                                + " done");
                continue;
            }
            List<String> keys = index.keys().stream()
                    .map(key -> key.equals(column) ? converted.get() : QualifiedName.quote(key))
                    .toList();
            duplicates(index, equal, keys);
        }
    }

    private void duplicates(Index index, String equal, List<String> keys) {
        boolean nulls = index.definition().contains(" NULLS NOT DISTINCT");
        String where = nulls
                ? ""
                : " WHERE "
                        + String.join(
                                " AND ",
                                keys.stream()
                                        .map(key -> "(" + key + ") IS NOT NULL")
                                        .toList());
        asking.count(
                index.primary() ? Kind.PRIMARY_KEY : Kind.UNIQUE,
                table,
                equal,
                new Counting(
                        "SELECT FROM (SELECT count(*) AS n FROM "
                                + Table.alone(table).sql(),
                        where + " GROUP BY " + String.join(", ", keys)
                                + " HAVING count(*) > 1) AS same CROSS JOIN LATERAL generate_series(2, same.n)",
                        false,
                        List.of(Reading.of(table.name(), new TreeSet<>(index.keys()))),
                        Calls.NONE,
                        asking.change().searchPath()));
    }
}
