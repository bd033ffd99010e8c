package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ConstraintDefinition;
import java.util.List;
import java.util.Optional;

/** What the commands of an ALTER TABLE demand, but for new columns and new types. */
final class TableQuestions {
    private final Asking asking;
    private final AlterTable alter;
    private final Relation table;

    TableQuestions(Asking asking, AlterTable alter, Relation table) {
        this.asking = asking;
        this.alter = alter;
        this.table = table;
    }

    void of(AlterCommand command) {
        switch (command.subtype()) {
            case "AT_SetNotNull" -> notNull(Kind.NOT_NULL, List.of(command.name()));
            case "AT_AddConstraint" ->
                command.constraint()
                        .filter(constraint -> !constraint.notValid() && constraint.enforced())
                        .ifPresent(constraint ->
                                constraint(constraint, asking.statement().text()));
            case "AT_ValidateConstraint" -> validate(command.name());
            case "AT_AlterConstraint" -> {
                if (command.definition()
                                .path("ATAlterConstraint")
                                .path("alterEnforceability")
                                .asBoolean()
                        && command.definition()
                                .path("ATAlterConstraint")
                                .path("is_enforced")
                                .asBoolean()) {
                    validate(command.definition()
                            .path("ATAlterConstraint")
                            .path("conname")
                            .asText(""));
                }
            }
            case "AT_AttachPartition" -> PartitionQuestions.attach(asking, alter, command);
            default -> {}
        }
    }

    /** @param text of the statement that the definition stands in */
    private void constraint(ConstraintDefinition constraint, String text) {
        switch (constraint.kind()) {
            case NOT_NULL -> notNull(Kind.NOT_NULL, constraint.columns());
            case CHECK -> {
                boolean own =
                        alter.only() || constraint.node().path("is_no_inherit").asBoolean();
                Tokens.of(text)
                        .from(constraint.offset())
                        .after("check")
                        .flatMap(Tokens::group)
                        .ifPresent(words -> check(own, Condition.written(words, constraint.expression())));
            }
            case FOREIGN_KEY -> ForeignKeyQuestions.of(asking, table, constraint);
            case UNIQUE, PRIMARY_KEY -> {
                if (constraint.kind() == ConstraintDefinition.Kind.PRIMARY_KEY) {
                    notNull(Kind.PRIMARY_KEY, UniqueQuestions.columns(asking, table, constraint));
                }
                if (constraint.usingIndex().isEmpty()) {
                    UniqueQuestions.of(asking, table, constraint);
                }
            }
            case EXCLUSION ->
                asking.cannot(
                        Kind.EXCLUDE,
                        table.name(),
                        "rows of " + table.name() + " that exclude each other",
                        "it cannot be counted cheaply: every row would have to be compared with every other");
            default -> {}
        }
    }

    private void notNull(Kind kind, List<String> columns) {
        String what = "rows of " + table.name() + " where " + String.join(" or ", quoted(columns)) + " is null";
        asking.oldNames(kind, table, what, columns).ifPresent(names -> {
            List<String> open =
                    names.stream().filter(column -> !knownNotNull(column)).toList();
            if (!open.isEmpty()) {
                String where = String.join(
                        " OR ",
                        open.stream()
                                .map(column -> asking.isNull(table, column, QualifiedName.quote(column)))
                                .toList());
                Table scanned = alter.only() ? Table.alone(table) : Table.withHeirs(table);
                asking.count(kind, scanned, what, where, open, Calls.NONE);
            }
        });
    }

    /** Already so, or proven by a CHECK that says just this, as the server would find too. */
    private boolean knownNotNull(String column) {
        boolean unproven = table.constraints().stream()
                .anyMatch(one ->
                        one.kind() == Constraint.Kind.NOT_NULL && one.columns().contains(column) && !one.validated());
        String proof = "CHECK ((" + QualifiedName.quote(column) + " IS NOT NULL))";
        return (!unproven && table.column(column).filter(one -> one.notNull()).isPresent())
                || table.constraints().stream()
                        .anyMatch(one -> one.validated()
                                && one.enforced()
                                && one.definition().equals(proof));
    }

    private void check(boolean own, Condition condition) {
        String what = "rows of " + table.name() + " where CHECK (" + condition.sql() + ") is false";
        if (asking.isNew(table, condition.columns())) {
            return;
        }
        Optional<String> obstacle = asking.obstacle(table, condition);
        if (obstacle.isPresent()) {
            asking.cannot(Kind.CHECK, table.name(), what, obstacle.get());
            return;
        }
        Table scanned = own ? Table.alone(table) : Table.withHeirs(table);
        if (!alter.table().name().equals(table.name().name())) {
            scanned = scanned.as(alter.table().name());
        }
        asking.count(
                Kind.CHECK,
                scanned,
                what,
                "(" + condition.sql() + ") IS FALSE",
                columns(table, condition),
                condition.calls());
    }

    /** Those that the table has; a name that it has not may be the row as a whole, which is all of them. */
    static List<String> columns(Relation table, Condition condition) {
        boolean whole = condition.columns().stream()
                .anyMatch(column -> table.column(column).isEmpty());
        return whole
                ? table.columns().stream().map(column -> column.name()).toList()
                : List.copyOf(condition.columns());
    }

    private void validate(String name) {
        Optional<ChangeSoFar.Pending> pending = asking.change().pending(table, name);
        if (pending.isPresent()) {
            constraint(pending.get().definition(), pending.get().statement().text());
            return;
        }
        Optional<Constraint> found = table.constraint(name);
        if (found.isEmpty()) {
            asking.cannot(
                    Kind.CHECK,
                    table.name(),
                    "rows of " + table.name() + " against constraint " + QualifiedName.quote(name),
                    "there is no constraint of this name in the schema, nor does a statement before this one add it by "
                            + "name: name it where it is added");
        } else if (!found.get().validated() || !found.get().enforced()) {
            printed(found.get());
        }
    }

    private void printed(Constraint constraint) {
        switch (constraint.kind()) {
            case NOT_NULL -> notNull(Kind.NOT_NULL, constraint.columns());
            case CHECK ->
                Tokens.of(constraint.definition())
                        .after("check")
                        .flatMap(Tokens::group)
                        .ifPresent(words -> check(
                                alter.only() || constraint.definition().contains(" NO INHERIT"),
                                Condition.printed(words.text(), constraint.columns())));
            case FOREIGN_KEY -> ForeignKeyQuestions.of(asking, table, constraint);
            case PRIMARY_KEY, UNIQUE, EXCLUSION -> {}
        }
    }

    private static List<String> quoted(List<String> columns) {
        return columns.stream().map(QualifiedName::quote).toList();
    }
}
