package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All user objects of a database at one moment. Questions are answered from maps, in constant time; immutable.
 *
 * <p>Like {@link dev.fermata.postgres.catalog.CatalogSnapshot} without system schemas and Fermata's own, but what an
 * extension owns is in it, marked as such.
 */
public final class SchemaModel {
    private final List<String> searchPath;
    private final Map<QualifiedName, Relation> relations = new LinkedHashMap<>();
    private final Map<QualifiedName, Index> indexes = new LinkedHashMap<>();
    private final Map<QualifiedName, List<Constraint>> foreignKeysTo = new LinkedHashMap<>();
    private final Map<QualifiedName, List<Dependant>> dependants = new LinkedHashMap<>();
    private final Map<QualifiedName, UserType> types = new LinkedHashMap<>();
    private final List<Routine> routines;
    private final List<Publication> publications;
    private final Map<String, String> extensions;

    /**
     * @param searchPath where a name without schema is looked for, in order
     * @param extensions name to version
     */
    public SchemaModel(
            List<String> searchPath,
            Collection<Relation> relations,
            Collection<UserType> types,
            Collection<Routine> routines,
            Collection<Publication> publications,
            Collection<Dependant> dependants,
            Map<String, String> extensions) {
        this.searchPath = List.copyOf(searchPath);
        for (Relation relation : relations) {
            this.relations.put(relation.name(), relation);
            relation.indexes().forEach(index -> indexes.put(index.name(), index));
            for (Constraint constraint : relation.constraints()) {
                QualifiedName references = constraint.references();
                if (references != null) {
                    add(foreignKeysTo, references, constraint);
                }
            }
        }
        types.forEach(type -> this.types.put(type.name(), type));
        dependants.forEach(dependant -> add(this.dependants, dependant.relation(), dependant));
        this.routines = List.copyOf(routines);
        this.publications = List.copyOf(publications);
        this.extensions = Map.copyOf(extensions);
    }

    private static <T> void add(Map<QualifiedName, List<T>> map, QualifiedName key, T value) {
        map.computeIfAbsent(key, name -> new ArrayList<>()).add(value);
    }

    public List<String> searchPath() {
        return searchPath;
    }

    /** The same for a session that looks for names elsewhere. */
    public SchemaModel searchedIn(List<String> otherPath) {
        return new SchemaModel(
                otherPath,
                relations.values(),
                types.values(),
                routines,
                publications,
                dependants.values().stream().flatMap(List::stream).toList(),
                extensions);
    }

    public Collection<Relation> relations() {
        return Collections.unmodifiableCollection(relations.values());
    }

    public Optional<Relation> relation(QualifiedName name) {
        return Optional.ofNullable(relations.get(name));
    }

    /** @param schema empty: the first of the search path that has it */
    public Optional<Relation> relation(String schema, String name) {
        return schemas(schema)
                .flatMap(one -> relation(new QualifiedName(one, name)).stream())
                .findFirst();
    }

    public Optional<Index> index(QualifiedName name) {
        return Optional.ofNullable(indexes.get(name));
    }

    /** @param schema empty: the first of the search path that has it */
    public Optional<Index> index(String schema, String name) {
        return schemas(schema)
                .flatMap(one -> index(new QualifiedName(one, name)).stream())
                .findFirst();
    }

    /** Foreign keys of any table that point to this one, its own to itself included. */
    public List<Constraint> foreignKeysTo(QualifiedName table) {
        return List.copyOf(foreignKeysTo.getOrDefault(table, List.of()));
    }

    /** What depends on the relation directly. */
    public List<Dependant> dependants(QualifiedName relation) {
        return List.copyOf(dependants.getOrDefault(relation, List.of()));
    }

    public Collection<UserType> types() {
        return Collections.unmodifiableCollection(types.values());
    }

    /** @param schema empty: the first of the search path that has it */
    public Optional<UserType> type(String schema, String name) {
        return schemas(schema)
                .flatMap(one -> Optional.ofNullable(types.get(new QualifiedName(one, name))).stream())
                .findFirst();
    }

    public List<Routine> routines() {
        return routines;
    }

    public List<Publication> publications() {
        return publications;
    }

    /** The same with more of them. */
    public SchemaModel withPublications(List<Publication> more) {
        return new SchemaModel(
                searchPath,
                relations.values(),
                types.values(),
                routines,
                Stream.concat(publications.stream(), more.stream()).toList(),
                dependants.values().stream().flatMap(List::stream).toList(),
                extensions);
    }

    /** Publications that send the table's rows. */
    public List<Publication> publicationsOf(QualifiedName table) {
        return publications.stream()
                .filter(one -> one.allTables()
                        || one.schemas().contains(table.schema())
                        || one.tables().containsKey(table))
                .toList();
    }

    /** Name to version. */
    public Map<String, String> extensions() {
        return extensions;
    }

    /** The table itself and all that inherits from it, at any depth. */
    public List<Relation> withDescendants(QualifiedName table) {
        return relation(table).stream()
                .flatMap(one -> Stream.concat(
                        Stream.of(one), one.children().stream().flatMap(child -> withDescendants(child).stream())))
                .toList();
    }

    private Stream<String> schemas(String schema) {
        return schema.isEmpty() ? searchPath.stream() : Stream.of(schema);
    }
}
