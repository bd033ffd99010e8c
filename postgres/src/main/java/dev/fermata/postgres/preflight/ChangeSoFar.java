package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.schema.UserType;
import dev.fermata.postgres.tree.ConstraintDefinition;
import dev.fermata.postgres.tree.CreateIndex;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the earlier statements of a change have made of the schema, as far as later ones are judged by it. Relations are
 * kept under the name that they have in the database; {@link ChangeRecorder} fills it.
 */
final class ChangeSoFar {
    /** A constraint that the change has added without looking at the rows. */
    record Pending(Statement statement, ConstraintDefinition definition) {}

    /** @param columns empty: any of them */
    record Write(int statement, Set<String> columns) {}

    private final SchemaModel schema;
    private List<String> searchPath;
    private final Map<QualifiedName, Statement> made = new HashMap<>();
    private final Map<QualifiedName, QualifiedName> formerly = new HashMap<>();
    private final Set<QualifiedName> gone = new HashSet<>();
    private final Set<QualifiedName> detached = new HashSet<>();
    private final Map<QualifiedName, Map<String, String>> renamed = new HashMap<>();
    private final Map<QualifiedName, Map<String, Integer>> madeColumns = new HashMap<>();
    private final Map<QualifiedName, Set<String>> droppedColumns = new HashMap<>();
    private final Map<QualifiedName, Map<String, Integer>> retyped = new HashMap<>();
    private final Map<QualifiedName, Map<String, Pending>> pending = new HashMap<>();
    private final Map<String, Statement> pendingOfDomains = new HashMap<>();
    private final Map<String, CreateIndex> indexes = new HashMap<>();
    private final Map<QualifiedName, List<Write>> writes = new HashMap<>();
    private final Set<Integer> code = new TreeSet<>();

    ChangeSoFar(SchemaModel schema) {
        this.schema = schema;
        this.searchPath = schema.searchPath();
    }

    SchemaModel schema() {
        return schema;
    }

    List<String> searchPath() {
        return searchPath;
    }

    void searchPath(List<String> path) {
        searchPath = List.copyOf(path);
    }

    /** The relation that the name means now, if it was there before the change. */
    Optional<Relation> old(WrittenName name) {
        for (QualifiedName one : candidates(name)) {
            if (made.containsKey(one)) {
                return Optional.empty();
            }
            Optional<Relation> found = formerly.containsKey(one)
                    ? schema.relation(formerly.get(one))
                    : gone.contains(one) ? Optional.empty() : schema.relation(one);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** The statement of this change that has made what the name means now. */
    Optional<Statement> madeBy(WrittenName name) {
        return old(name).isPresent()
                ? Optional.empty()
                : candidates(name).stream()
                        .flatMap(one -> Optional.ofNullable(made.get(one)).stream())
                        .findFirst();
    }

    /** What the name stands for: as it was before the change, or else where it would be made. */
    QualifiedName named(WrittenName name) {
        return old(name).map(Relation::name).orElseGet(() -> candidates(name).stream()
                .filter(made::containsKey)
                .findFirst()
                .orElseGet(() -> home(name)));
    }

    Optional<UserType> type(WrittenName name) {
        List<String> schemas = name.hasSchema() ? List.of(name.schema()) : searchPath;
        return schemas.stream()
                .flatMap(one -> schema.type(one, name.name()).stream())
                .findFirst();
    }

    /** The name that a column had before the change; empty if the change has made it, or there is none. */
    Optional<String> oldColumn(Relation relation, String column) {
        if (madeBy(relation, column).isPresent()) {
            return Optional.empty();
        }
        return firstName(relation, column).filter(name -> !isDropped(relation, name));
    }

    /** @param column by its name before the change */
    boolean isDropped(Relation relation, String column) {
        return droppedColumns.getOrDefault(relation.name(), Set.of()).contains(column);
    }

    private Optional<String> firstName(Relation relation, String column) {
        Map<String, String> names = renamed.getOrDefault(relation.name(), Map.of());
        if (names.containsKey(column)) {
            return Optional.of(names.get(column));
        }
        return names.containsValue(column) || relation.column(column).isEmpty()
                ? Optional.empty()
                : Optional.of(column);
    }

    Optional<Integer> madeBy(Relation relation, String column) {
        return Optional.ofNullable(
                madeColumns.getOrDefault(relation.name(), Map.of()).get(column));
    }

    Optional<Integer> retypedBy(Relation relation, String column) {
        return Optional.ofNullable(
                retyped.getOrDefault(relation.name(), Map.of()).get(column));
    }

    Optional<Pending> pending(Relation relation, String constraint) {
        return Optional.ofNullable(
                pending.getOrDefault(relation.name(), Map.of()).get(constraint));
    }

    Optional<Statement> pendingOfDomain(QualifiedName domain, String constraint) {
        return Optional.ofNullable(pendingOfDomains.get(domain.sql() + " " + constraint));
    }

    Optional<CreateIndex> index(String name) {
        return Optional.ofNullable(indexes.get(name));
    }

    /** Earlier statements that write to one of the columns read, or run code that may. */
    List<Integer> repairs(Collection<Reading> reads) {
        Set<Integer> repairs = new TreeSet<>(code);
        for (Reading read : reads) {
            for (QualifiedName one : family(read.relation())) {
                for (Write write : writes.getOrDefault(one, List.of())) {
                    boolean touches = write.columns().isEmpty()
                            || read.columns().isEmpty()
                            || write.columns().stream().anyMatch(read.columns()::contains);
                    if (touches) {
                        repairs.add(write.statement());
                    }
                }
            }
        }
        return List.copyOf(repairs);
    }

    /** Who writes to a partition writes to its parent, and the other way round. */
    private Set<QualifiedName> family(QualifiedName relation) {
        Set<QualifiedName> family = new HashSet<>(Set.of(relation));
        schema.withDescendants(relation).forEach(one -> family.add(one.name()));
        List<QualifiedName> open = new ArrayList<>(List.of(relation));
        while (!open.isEmpty()) {
            schema.relation(open.removeLast())
                    .ifPresent(one -> one.parents().stream().filter(family::add).forEach(open::add));
        }
        return family;
    }

    void make(WrittenName relation, Statement statement) {
        made.put(home(relation), statement);
    }

    void drop(WrittenName relation) {
        QualifiedName now = now(relation);
        made.remove(now);
        formerly.remove(now);
        gone.add(now);
    }

    void detach(WrittenName partition) {
        old(partition).ifPresent(relation -> detached.add(relation.name()));
    }

    boolean isDetached(Relation partition) {
        return detached.contains(partition.name());
    }

    /** RENAME or SET SCHEMA. */
    void move(WrittenName from, String toSchema, String toName) {
        QualifiedName now = now(from);
        QualifiedName then = new QualifiedName(toSchema.isEmpty() ? now.schema() : toSchema, toName);
        Optional<Relation> before = old(from);
        Statement maker = made.remove(now);
        formerly.remove(now);
        gone.add(now);
        if (maker != null) {
            made.put(then, maker);
        }
        before.ifPresent(relation -> formerly.put(then, relation.name()));
    }

    void renameColumn(Relation relation, String from, String to) {
        oldColumn(relation, from).ifPresent(first -> {
            Map<String, String> names = renamed.computeIfAbsent(relation.name(), none -> new HashMap<>());
            names.remove(from);
            names.put(to, first);
        });
        moveKey(madeColumns.get(relation.name()), from, to);
        moveKey(retyped.get(relation.name()), from, to);
    }

    void makeColumn(Relation relation, String column, int statement) {
        madeColumns.computeIfAbsent(relation.name(), none -> new HashMap<>()).put(column, statement);
    }

    void dropColumn(Relation relation, String column) {
        oldColumn(relation, column).ifPresent(name -> droppedColumns
                .computeIfAbsent(relation.name(), none -> new HashSet<>())
                .add(name));
    }

    void retype(Relation relation, String column, int statement) {
        retyped.computeIfAbsent(relation.name(), none -> new HashMap<>()).put(column, statement);
    }

    void addPending(Relation relation, String constraint, Pending added) {
        pending.computeIfAbsent(relation.name(), none -> new HashMap<>()).put(constraint, added);
    }

    void addPending(QualifiedName domain, String constraint, Statement statement) {
        pendingOfDomains.put(domain.sql() + " " + constraint, statement);
    }

    void addIndex(CreateIndex index) {
        indexes.put(index.name(), index);
    }

    /** @param columns by their names before the change; empty: any of them */
    void write(QualifiedName relation, int statement, Set<String> columns) {
        writes.computeIfAbsent(relation, none -> new ArrayList<>()).add(new Write(statement, Set.copyOf(columns)));
    }

    void runCode(int statement) {
        code.add(statement);
    }

    private static void moveKey(@Nullable Map<String, Integer> map, String from, String to) {
        Integer value = map == null ? null : map.remove(from);
        if (map != null && value != null) {
            map.put(to, value);
        }
    }

    /** The name, with its schema, under which it is known at this point of the change. */
    private QualifiedName now(WrittenName name) {
        return candidates(name).stream()
                .filter(one -> made.containsKey(one)
                        || formerly.containsKey(one)
                        || (!gone.contains(one) && schema.relation(one).isPresent()))
                .findFirst()
                .orElseGet(() -> home(name));
    }

    private List<QualifiedName> candidates(WrittenName name) {
        List<String> schemas = name.hasSchema() ? List.of(name.schema()) : searchPath;
        return name.name().isEmpty()
                ? List.of()
                : schemas.stream()
                        .map(one -> new QualifiedName(one, name.name()))
                        .toList();
    }

    private QualifiedName home(WrittenName name) {
        return name.in(searchPath.isEmpty() ? "public" : searchPath.getFirst());
    }
}
