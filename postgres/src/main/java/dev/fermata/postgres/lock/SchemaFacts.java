package dev.fermata.postgres.lock;

import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Dependant;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.SchemaModel;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The questions that locking asks of a schema. */
final class SchemaFacts {
    private static final Set<String> VIEWS = Set.of("view", "materialized view");

    private final SchemaModel schema;

    SchemaFacts(SchemaModel schema) {
        this.schema = schema;
    }

    SchemaModel schema() {
        return schema;
    }

    Optional<Relation> relation(WrittenName name) {
        return schema.relation(name.schema(), name.name());
    }

    Optional<Index> index(WrittenName name) {
        return schema.index(name.schema(), name.name());
    }

    Optional<Relation> tableOf(Index index) {
        return schema.relation(index.table());
    }

    /** Foreign tables and views have no rows of their own, partitioned tables neither. */
    static boolean hasFile(Relation relation) {
        return relation.kind() == Relation.Kind.TABLE || relation.kind() == Relation.Kind.MATERIALIZED_VIEW;
    }

    static boolean isPartitioned(Relation relation) {
        return relation.kind() == Relation.Kind.PARTITIONED_TABLE;
    }

    /** Itself, and its partitions and heirs at any depth. */
    List<Relation> tree(Relation relation) {
        return schema.withDescendants(relation.name());
    }

    /** Itself, and its partitions if it is partitioned; heirs of a plain table are left out. */
    List<Relation> partitionTree(Relation relation) {
        return isPartitioned(relation) ? tree(relation) : List.of(relation);
    }

    List<Relation> parents(Relation relation) {
        return relation.parents().stream()
                .flatMap(parent -> schema.relation(parent).stream())
                .toList();
    }

    Optional<Relation> defaultPartition(Relation partitioned) {
        return partitioned.children().stream()
                .flatMap(child -> schema.relation(child).stream())
                .filter(Relation::isDefaultPartition)
                .findFirst();
    }

    static List<Constraint> foreignKeys(Relation relation) {
        return relation.constraints().stream()
                .filter(constraint -> constraint.kind() == Constraint.Kind.FOREIGN_KEY)
                .toList();
    }

    Optional<Relation> referenced(Constraint foreignKey) {
        return Optional.ofNullable(foreignKey.references()).flatMap(schema::relation);
    }

    /** Foreign keys of other tables to this one, without those that their partitions have inherited. */
    List<Constraint> foreignKeysTo(Relation relation) {
        return schema.foreignKeysTo(relation.name());
    }

    /** What reads the relation, and what reads that. */
    Set<Relation> viewsOver(Relation relation, Set<String> columns) {
        Set<Relation> views = new LinkedHashSet<>();
        for (Dependant dependant : schema.dependants(relation.name())) {
            boolean uses = columns.isEmpty()
                    || dependant.columns().isEmpty()
                    || dependant.columns().stream().anyMatch(columns::contains);
            if (VIEWS.contains(dependant.kind()) && uses) {
                byText(dependant.name()).ifPresent(view -> {
                    views.add(view);
                    views.addAll(viewsOver(view, Set.of()));
                });
            }
        }
        return views;
    }

    /** The relations that a view reads directly. */
    List<Relation> under(Relation view) {
        return schema.relations().stream()
                .filter(relation -> schema.dependants(relation.name()).stream()
                        .anyMatch(dependant -> VIEWS.contains(dependant.kind())
                                && dependant.name().equals(view.name().toString())))
                .toList();
    }

    /** The sequences that go with the relation, or with some of its columns. */
    List<Relation> ownedSequences(Relation relation, Set<String> columns) {
        return schema.dependants(relation.name()).stream()
                .filter(dependant -> dependant.kind().equals("sequence"))
                .filter(dependant ->
                        columns.isEmpty() || dependant.columns().stream().anyMatch(columns::contains))
                .flatMap(dependant -> byText(dependant.name()).stream())
                .toList();
    }

    /** Rules of its own; those that make a view what it is do not count. */
    boolean hasRules(Relation relation) {
        return schema.dependants(relation.name()).stream()
                .anyMatch(dependant -> dependant.kind().equals("rule"));
    }

    /** Kinds and names of what the catalog says uses one of the columns, other than the table's own indexes. */
    Stream<Dependant> users(Relation relation, Set<String> columns) {
        return schema.dependants(relation.name()).stream()
                .filter(dependant -> dependant.certainty() == Dependant.Certainty.CATALOG)
                .filter(dependant -> dependant.columns().stream().anyMatch(columns::contains));
    }

    /** Whether the index reads one of the columns, in a key, an expression, a condition or as mere luggage. */
    static boolean uses(Index index, Set<String> columns) {
        if (index.keys().stream().anyMatch(columns::contains)
                || index.included().stream().anyMatch(columns::contains)) {
            return true;
        }
        String predicate = index.predicate();
        String text = (predicate == null ? "" : predicate)
                + (index.keys().contains("") ? index.definition().replaceFirst("^.*? USING ", "") : "");
        return columns.stream().anyMatch(column -> mentions(text, column));
    }

    /** The unique index that a foreign key to these columns leans on; no columns stand for the primary key. */
    static Optional<Index> keyOf(Relation relation, List<String> columns) {
        Set<String> wanted = new HashSet<>(columns);
        return relation.indexes().stream()
                .filter(index -> columns.isEmpty()
                        ? index.primary()
                        : index.unique()
                                && index.predicate() == null
                                && Set.copyOf(index.keys()).equals(wanted))
                .findFirst();
    }

    /**
     * The indexes of partitions that belong to this index of their parent: the first of the same shape in each. Empty
     * for one that was made on ONLY the parent and is not complete yet.
     */
    List<Index> partsOf(Index parent) {
        if (!parent.valid()) {
            return List.of();
        }
        return tableOf(parent).stream()
                .filter(SchemaFacts::isPartitioned)
                .flatMap(table -> tree(table).stream().skip(1))
                .flatMap(table ->
                        table.indexes().stream().filter(index -> sameShape(index, parent)).findFirst().stream())
                .toList();
    }

    private static boolean sameShape(Index one, Index other) {
        return one.method().equals(other.method())
                && one.unique() == other.unique()
                && one.primary() == other.primary()
                && one.keys().equals(other.keys())
                && one.included().equals(other.included())
                && (one.constraint() == null) == (other.constraint() == null);
    }

    /** Whether the text has the identifier as a word of its own. */
    static boolean mentions(String text, String identifier) {
        return Pattern.compile("(?<![\\w$])" + Pattern.quote(identifier) + "(?![\\w$])")
                .matcher(text)
                .find();
    }

    /** Whether a word of the text is the name of a relation. */
    boolean namesRelation(String text) {
        Set<String> words = new HashSet<>(List.of(text.split("[^\\w$]+")));
        return schema.relations().stream()
                .anyMatch(relation -> words.contains(relation.name().name()));
    }

    private Optional<Relation> byText(String name) {
        return schema.relations().stream()
                .filter(relation -> relation.name().toString().equals(name))
                .findFirst();
    }
}
