package dev.fermata.analysis.rule;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.RelationLock;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ColumnDefinition;
import dev.fermata.postgres.tree.ConstraintDefinition;
import dev.fermata.postgres.tree.CreateIndex;
import dev.fermata.postgres.tree.CreateTable;
import dev.fermata.postgres.tree.Drop;
import dev.fermata.postgres.tree.Rename;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the earlier statements of a change have done, as far as later ones are judged by it. Grows with every statement;
 * rules only read it.
 */
public final class Before {
    /** A constraint that this change has added. */
    public record Added(ConstraintDefinition definition, int statement, boolean validated) {}

    private final Map<QualifiedName, CreateTable> tables = new HashMap<>();
    private final Set<QualifiedName> otherRelations = new HashSet<>();
    private final Map<QualifiedName, CreateIndex> indexes = new HashMap<>();
    private final Map<QualifiedName, Set<String>> columns = new HashMap<>();
    private final Map<QualifiedName, Map<String, Added>> constraints = new HashMap<>();
    private final Map<QualifiedName, Integer> dropped = new HashMap<>();
    private final Map<QualifiedName, Integer> written = new HashMap<>();
    private final Map<QualifiedName, Integer> altered = new HashMap<>();
    private final Map<String, String> settings = new HashMap<>();
    private final Map<QualifiedName, Set<String>> enumValues = new HashMap<>();
    private final Map<QualifiedName, LockMode> held = new HashMap<>();
    private final Map<QualifiedName, Integer> locked = new HashMap<>();
    private boolean inTransaction;
    private boolean inBlock;

    Before(boolean inTransaction) {
        this.inTransaction = inTransaction;
    }

    static QualifiedName named(WrittenName name) {
        return name.name().isEmpty() ? new QualifiedName("?", "?") : name.in("public");
    }

    /** Whether the change has made this table, view or sequence itself: touching it costs nobody anything. */
    public boolean created(WrittenName relation) {
        return tables.containsKey(named(relation)) || otherRelations.contains(named(relation));
    }

    /** How the change has made the table. */
    public Optional<CreateTable> createdTable(WrittenName table) {
        return Optional.ofNullable(tables.get(named(table)));
    }

    public boolean createdIndex(WrittenName index) {
        return indexes.containsKey(named(index));
    }

    /** Indexes that the change has made on a table. */
    public List<CreateIndex> indexesOn(WrittenName table) {
        return indexes.values().stream()
                .filter(index -> named(index.table()).equals(named(table)))
                .toList();
    }

    public boolean addedColumn(WrittenName table, String column) {
        return columns.getOrDefault(named(table), Set.of()).contains(column);
    }

    /** The constraint, if the change has added it to the table. */
    public Optional<Added> constraint(WrittenName table, String name) {
        return Optional.ofNullable(
                constraints.getOrDefault(named(table), Map.of()).get(name));
    }

    /** Whether a validated CHECK of this change proves that the column holds no NULL. */
    public boolean provenNotNull(WrittenName table, String column) {
        return constraints.getOrDefault(named(table), Map.of()).values().stream()
                .anyMatch(added ->
                        added.validated() && added.definition().provesNotNull().contains(column));
    }

    public boolean dropped(WrittenName relation) {
        return dropped.containsKey(named(relation));
    }

    /** Index of the last statement that inserted, updated or deleted rows of an existing table. */
    public Map<QualifiedName, Integer> writtenTables() {
        return Map.copyOf(written);
    }

    /** Tables that DDL has touched, to the index of the last such statement. */
    public Map<QualifiedName, Integer> alteredTables() {
        return Map.copyOf(altered);
    }

    /** Relations of before the change, to the number of statements that locked them against writes. */
    public Map<QualifiedName, Integer> lockedTables() {
        return Collections.unmodifiableMap(locked);
    }

    /** The value that the change has set, as far as it is a constant. */
    public Optional<String> setting(String name) {
        return Optional.ofNullable(settings.get(name));
    }

    /** Whether the value was added to the enum in the transaction that is open now. */
    public boolean enumValueInThisTransaction(String value) {
        return inTransaction && enumValues.values().stream().anyMatch(values -> values.contains(value));
    }

    public boolean inTransaction() {
        return inTransaction;
    }

    /** Locks on relations that existed before, held by the transaction that is open. */
    public Map<QualifiedName, LockMode> heldLocks() {
        return inTransaction ? Map.copyOf(held) : Map.of();
    }

    /** A DO block begins: what follows runs in one transaction. The result is for {@link #leaveBlock}. */
    boolean enterBlock() {
        boolean outside = inTransaction;
        inTransaction = true;
        inBlock = true;
        return outside;
    }

    /** @param outside whether a transaction was open before */
    void leaveBlock(boolean outside) {
        inBlock = false;
        inTransaction = outside;
        if (!outside) {
            transactionEnds();
        }
    }

    private void transactionEnds() {
        held.clear();
        enumValues.clear();
    }

    void add(Statement statement, StatementProfile profile) {
        switch (statement.kind()) {
            case "TransactionStmt" -> transaction(statement);
            case "VariableSetStmt" -> set(statement);
            case "AlterEnumStmt" -> enumValue(statement);
            case "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt" ->
                profile.locks().stream()
                        .filter(lock -> lock.mode() == LockMode.ROW_EXCLUSIVE)
                        .forEach(lock -> written.put(named(lock.relation()), statement.index()));
            case "CreateTableAsStmt", "ViewStmt", "CreateSeqStmt", "CreateForeignTableStmt" ->
                Creations.of(statement).ifPresent(made -> {
                    otherRelations.add(named(made));
                    dropped.remove(named(made));
                });
            default -> structure(statement);
        }
        for (RelationLock lock : profile.locks()) {
            if (!created(lock.relation())) {
                if (lock.mode().blocksWrites()) {
                    locked.merge(named(lock.relation()), 1, Integer::sum);
                }
                if (inTransaction) {
                    held.merge(named(lock.relation()), lock.mode(), LockMode::strongest);
                }
            }
        }
    }

    private void structure(Statement statement) {
        CreateTable.of(statement).ifPresent(table -> {
            tables.put(named(table.table()), table);
            dropped.remove(named(table.table()));
        });
        CreateIndex.of(statement)
                .filter(index -> !index.name().isEmpty())
                .ifPresent(index ->
                        indexes.put(new QualifiedName(named(index.table()).schema(), index.name()), index));
        AlterTable.of(statement).ifPresent(alter -> {
            altered.put(named(alter.table()), statement.index());
            alter.commands().forEach(command -> altered(statement.index(), alter.table(), command));
        });
        Drop.of(statement).filter(drop -> drop.parts().isEmpty()).ifPresent(drop -> drop.names()
                .forEach(name -> drop(statement.index(), name)));
        Rename.of(statement).ifPresent(this::rename);
    }

    private void drop(int statement, WrittenName name) {
        QualifiedName gone = named(name);
        dropped.put(gone, statement);
        tables.remove(gone);
        otherRelations.remove(gone);
        indexes.remove(gone);
    }

    private void altered(int statement, WrittenName table, AlterCommand command) {
        QualifiedName name = named(table);
        command.column().map(ColumnDefinition::name).ifPresent(column -> columns.computeIfAbsent(
                        name, none -> new HashSet<>())
                .add(column));
        command.constraint().ifPresent(constraint -> constraints
                .computeIfAbsent(name, none -> new HashMap<>())
                .put(
                        constraint.name().isEmpty() ? "?" + statement + "," + command.offset() : constraint.name(),
                        new Added(constraint, statement, !constraint.notValid())));
        Map<String, Added> known = constraints.getOrDefault(name, new HashMap<>());
        if (command.is("AT_ValidateConstraint")) {
            known.computeIfPresent(
                    command.name(), (key, added) -> new Added(added.definition(), added.statement(), true));
        } else if (command.is("AT_DropConstraint")) {
            known.remove(command.name());
        }
    }

    private void rename(Rename rename) {
        if (!rename.oldName().isEmpty()) {
            if (rename.object().equals("COLUMN") && addedColumn(rename.of(), rename.oldName())) {
                columns.computeIfAbsent(named(rename.of()), none -> new HashSet<>())
                        .add(rename.newName());
            }
            return;
        }
        QualifiedName old = named(rename.of());
        QualifiedName now = new QualifiedName(old.schema(), rename.newName());
        move(tables, old, now);
        move(indexes, old, now);
        move(columns, old, now);
        move(constraints, old, now);
        if (otherRelations.remove(old)) {
            otherRelations.add(now);
        }
    }

    private static <T> void move(Map<QualifiedName, T> map, QualifiedName from, QualifiedName to) {
        T value = map.remove(from);
        if (value != null) {
            map.put(to, value);
        }
    }

    private void transaction(Statement statement) {
        switch (statement.node().path("kind").asText()) {
            case "TRANS_STMT_BEGIN", "TRANS_STMT_START" -> inTransaction = true;
            case "TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE" -> {
                inTransaction = inBlock; // in a block the next one begins at once
                transactionEnds();
            }
            default -> {}
        }
    }

    private void set(Statement statement) {
        String name = statement.node().path("name").asText("").toLowerCase(Locale.ROOT);
        var constant = statement.node().path("args").path(0).path("A_Const");
        String value = constant.has("sval")
                ? constant.path("sval").path("sval").asText("")
                : constant.path("ival").path("ival").asText("0");
        settings.put(name, value);
    }

    private void enumValue(Statement statement) {
        var names = statement.node().path("typeName");
        String type = names.path(names.size() - 1).path("String").path("sval").asText();
        if (statement.node().path("oldVal").isMissingNode()) {
            enumValues
                    .computeIfAbsent(new QualifiedName("public", type), none -> new HashSet<>())
                    .add(statement.node().path("newVal").asText());
        }
    }
}
