package dev.fermata.postgres.preflight;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.ConstraintDefinition;
import dev.fermata.postgres.tree.CreateIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Rows that have the key of another row: all but one of each such group. */
final class UniqueQuestions {
    /**
     * @param nulls whether two nulls are equal
     * @param condition of a partial index, else null
     */
    record Key(
            Kind kind,
            List<KeyElement> elements,
            boolean nulls,
            @Nullable Condition condition,
            Calls calls) {}

    private UniqueQuestions() {}

    /** A UNIQUE or PRIMARY KEY that builds its index. */
    static void of(Asking asking, Relation table, ConstraintDefinition constraint) {
        Kind kind = constraint.kind() == ConstraintDefinition.Kind.PRIMARY_KEY ? Kind.PRIMARY_KEY : Kind.UNIQUE;
        String what = what(
                table, constraint.columns().stream().map(QualifiedName::quote).toList(), "");
        if (constraint.node().path("without_overlaps").asBoolean()) {
            asking.cannot(
                    kind,
                    table.name(),
                    what,
                    "WITHOUT OVERLAPS compares every row with every other, which cannot be counted cheaply");
            return;
        }
        boolean nulls = constraint.node().path("nulls_not_distinct").asBoolean();
        asking.oldNames(kind, table, what, constraint.columns())
                .ifPresent(columns -> ask(
                        asking,
                        table,
                        new Key(kind, columns.stream().map(KeyElement::column).toList(), nulls, null, Calls.NONE)));
    }

    /** The columns of a constraint, those of its index where it is made of one. */
    static List<String> columns(Asking asking, Relation table, ConstraintDefinition constraint) {
        if (constraint.usingIndex().isEmpty()) {
            return constraint.columns();
        }
        return asking.change()
                .index(constraint.usingIndex())
                .map(CreateIndex::keys)
                .or(() -> table.indexes().stream()
                        .filter(index -> index.name().name().equals(constraint.usingIndex()))
                        .map(Index::keys)
                        .findFirst())
                .orElse(List.of());
    }

    /** CREATE UNIQUE INDEX. */
    static void of(Asking asking, CreateIndex index) {
        Optional<Relation> table = asking.change().old(index.table());
        if (!index.unique() || table.filter(Relation::holdsRows).isEmpty()) {
            return;
        }
        Relation relation = table.get();
        boolean partitioned = relation.kind() == Relation.Kind.PARTITIONED_TABLE;
        boolean there = index.ifNotExists()
                && relation.indexes().stream().anyMatch(one -> one.name().name().equals(index.name()));
        if (there || (index.only() && partitioned)) {
            return;
        }
        JsonNode node = asking.statement().node();
        Tokens text = Tokens.of(asking.statement().text());
        Tokens fromTable = text.from(node.path("relation").path("location").asInt(0));
        Optional<Condition> condition = node.has("whereClause")
                ? fromTable.after("where").map(words -> Condition.written(words, node.path("whereClause")))
                : Optional.empty();
        written(asking, relation, fromTable.group().orElseThrow().parts(), node, condition.orElse(null));
    }

    private static void written(
            Asking asking, Relation table, List<Tokens> parts, JsonNode node, @Nullable Condition condition) {
        IndexKeys keys = IndexKeys.of(asking, table, parts, node);
        String what = what(table, parts.stream().map(Tokens::text).toList(), condition == null ? "" : condition.sql());
        TreeSet<String> all = new TreeSet<>(keys.plain());
        all.addAll(keys.inExpressions());
        if (asking.isNew(table, all)) {
            return;
        }
        if (asking.isNew(table, keys.plain())) {
            asking.cannot(Kind.UNIQUE, table.name(), what, "a column of the key is made by this change");
        } else if (asking.oldNames(Kind.UNIQUE, table, what, keys.plain()).isPresent()) {
            boolean nulls = node.path("nulls_not_distinct").asBoolean();
            ask(
                    asking,
                    table,
                    new Key(Kind.UNIQUE, keys.elements(), nulls, condition, keys.calls()),
                    keys.inExpressions());
        }
    }

    /**
     * The keys of CREATE INDEX. Names of plain ones are followed back; those in expressions have to be as they were.
     */
    private record IndexKeys(
            List<KeyElement> elements, List<String> plain, TreeSet<String> inExpressions, Calls calls) {

        static IndexKeys of(Asking asking, Relation table, List<Tokens> parts, JsonNode node) {
            IndexKeys keys = new IndexKeys(new ArrayList<>(), new ArrayList<>(), new TreeSet<>(), Calls.NONE);
            for (int i = 0; i < parts.size(); i++) {
                JsonNode element = node.path("indexParams").path(i).path("IndexElem");
                KeyElement key = KeyElement.of(parts.get(i));
                if (element.has("expr")) {
                    Condition expression = Condition.written(parts.get(i), element.path("expr"));
                    keys.inExpressions().addAll(expression.columns());
                    keys.elements().add(key);
                    keys = new IndexKeys(
                            keys.elements(),
                            keys.plain(),
                            keys.inExpressions(),
                            keys.calls().and(expression.calls()));
                } else {
                    String name = element.path("name").asText();
                    String old = asking.change().oldColumn(table, name).orElse(name);
                    keys.plain().add(name);
                    keys.elements()
                            .add(new KeyElement(old, QualifiedName.quote(old), key.collation(), key.operators()));
                }
            }
            return keys;
        }
    }

    static void ask(Asking asking, Relation table, Key key) {
        ask(asking, table, key, new TreeSet<>());
    }

    private static void ask(Asking asking, Relation table, Key key, TreeSet<String> inExpressions) {
        List<String> shown =
                key.elements().stream().map(KeyElement::withCollation).toList();
        Condition condition = key.condition();
        String what = what(table, shown, condition == null ? "" : condition.sql());
        List<String> plain = key.elements().stream()
                .map(KeyElement::column)
                .filter(column -> !column.isEmpty())
                .toList();
        Condition all = new Condition("", inExpressions, key.calls(), false);
        Optional<String> obstacle = key.elements().stream()
                .filter(element -> !element.isPlain())
                .map(element -> "what is equal is decided by operator class " + element.operators()
                        + ", which a query cannot be told to use")
                .findFirst()
                .or(() -> asking.retyped(table, plain))
                .or(() -> asking.obstacle(table, all))
                .or(() -> condition == null ? Optional.empty() : asking.obstacle(table, condition));
        if (obstacle.isPresent()) {
            asking.cannot(key.kind(), table.name(), what, obstacle.get());
            return;
        }
        TreeSet<String> reads = new TreeSet<>(TableQuestions.columns(table, all));
        reads.addAll(plain);
        Calls calls = key.calls();
        if (condition != null) {
            reads.addAll(TableQuestions.columns(table, condition));
            calls = calls.and(condition.calls());
        }
        Reading reading = Reading.of(table.name(), reads);
        asking.count(
                key.kind(),
                table,
                what,
                new Counting(
                        "SELECT FROM (SELECT count(*) AS n FROM "
                                + Table.alone(table).sql(),
                        rest(key, condition),
                        false,
                        List.of(reading),
                        calls,
                        asking.change().searchPath()));
    }

    /** One row for each row of a group beyond its first. */
    private static String rest(Key key, @Nullable Condition condition) {
        List<String> where = new ArrayList<>();
        if (!key.nulls()) {
            key.elements().forEach(element -> where.add(element.sql() + " IS NOT NULL"));
        }
        if (condition != null) {
            where.add("(" + condition.sql() + ")");
        }
        return (where.isEmpty() ? "" : " WHERE " + String.join(" AND ", where))
                + " GROUP BY "
                + String.join(
                        ", ",
                        key.elements().stream().map(KeyElement::withCollation).toList())
                + " HAVING count(*) > 1) AS same CROSS JOIN LATERAL generate_series(2, same.n)";
    }

    private static String what(Relation table, List<String> keys, String condition) {
        return "rows of " + table.name() + " with the same " + String.join(", ", keys) + " as another"
                + (condition.isEmpty() ? "" : ", of those where " + condition);
    }
}
