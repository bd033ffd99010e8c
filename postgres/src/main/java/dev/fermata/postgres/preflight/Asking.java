package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.UserType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Collects the questions of one statement, and turns down those that have no honest answer. */
final class Asking {
    private final Statement statement;
    private final ChangeSoFar change;
    private final int serverMajor;
    private final List<Question> questions = new ArrayList<>();

    Asking(Statement statement, ChangeSoFar change, int serverMajor) {
        this.statement = statement;
        this.change = change;
        this.serverMajor = serverMajor;
    }

    Statement statement() {
        return statement;
    }

    ChangeSoFar change() {
        return change;
    }

    boolean since(int major) {
        return serverMajor >= major;
    }

    List<Question> questions() {
        return questions;
    }

    /** A query over one table alone. */
    void count(Kind kind, Table table, String what, String where, Collection<String> columns, Calls calls) {
        count(
                kind,
                table.relation(),
                what,
                new Counting(
                        "SELECT FROM " + table.sql(),
                        where.isEmpty() ? "" : " WHERE " + where,
                        true,
                        List.of(Reading.of(table.relation().name(), columns)),
                        calls,
                        change.searchPath()));
    }

    void count(Kind kind, Relation relation, String what, Counting counting) {
        count(kind, relation, what, counting, change.repairs(counting.reads()));
    }

    void count(Kind kind, Relation relation, String what, Counting counting, List<Integer> repairs) {
        Optional<String> obstacle = obstacle(relation, counting);
        if (obstacle.isPresent()) {
            cannot(kind, relation.name(), what, obstacle.get());
            return;
        }
        add(new Question.Countable(statement.index(), kind, relation.name(), what, repairs, counting));
    }

    void cannot(Kind kind, QualifiedName relation, String what, String why) {
        add(new Question.Unanswerable(statement.index(), kind, relation, what, List.of(), why));
    }

    private void add(Question question) {
        if (!questions.contains(question)) {
            questions.add(question);
        }
    }

    /**
     * The columns by their old names. Empty where the change has made one of them: of those alone there is nothing to
     * ask, and beside others it is said to be unanswerable.
     */
    Optional<List<String>> oldNames(Kind kind, Relation relation, String what, List<String> columns) {
        if (isNew(relation, columns)) {
            return Optional.empty();
        }
        List<String> old = new ArrayList<>();
        for (String column : columns) {
            Optional<String> name = change.oldColumn(relation, column);
            if (name.isEmpty()) {
                cannot(kind, relation.name(), what, missing(relation, column));
                return Optional.empty();
            }
            old.add(name.get());
        }
        return Optional.of(old);
    }

    /** Whether all of these columns are the change's own. */
    boolean isNew(Relation relation, Collection<String> columns) {
        return !columns.isEmpty()
                && columns.stream()
                        .allMatch(column -> change.madeBy(relation, column).isPresent());
    }

    private String missing(Relation relation, String column) {
        return change.madeBy(relation, column)
                .map(by -> "column " + QualifiedName.quote(column) + " is made by statement " + (by + 1)
                        + " of this change, so its values are not there yet")
                .orElse(relation.name() + " has no column " + QualifiedName.quote(column)
                        + ": the server refuses the statement, unless code before it makes the column");
    }

    /** Why a condition of the author cannot be asked of the table as it is now; empty: it can. */
    Optional<String> obstacle(Relation relation, Condition condition) {
        if (condition.subquery()) {
            return Optional.of("the server takes no subquery here");
        }
        for (String column : condition.columns()) {
            boolean unchanged =
                    change.oldColumn(relation, column).filter(column::equals).isPresent();
            if (!unchanged
                    && (change.madeBy(relation, column).isPresent()
                            || change.oldColumn(relation, column).isPresent())) {
                return Optional.of(
                        change.madeBy(relation, column).isPresent()
                                ? missing(relation, column)
                                : "column " + QualifiedName.quote(column)
                                        + " gets its name from a statement before this one, and the expression uses"
                                        + " it");
            }
            Optional<Integer> retyped = change.retypedBy(relation, column);
            if (retyped.isPresent()) {
                return Optional.of(newType(column, retyped.get()));
            }
        }
        return Optional.empty();
    }

    /** For keys: what is equal, and what points to what, is decided by the new type. */
    Optional<String> retyped(Relation relation, List<String> columns) {
        return columns.stream()
                .flatMap(column -> change.retypedBy(relation, column).map(by -> newType(column, by)).stream())
                .findFirst();
    }

    private static String newType(String column, int by) {
        return "column " + QualifiedName.quote(column) + " gets another type from statement " + (by + 1)
                + " of this change, so its values will not be those of now";
    }

    private Optional<String> obstacle(Relation relation, Counting counting) {
        Optional<Relation> foreign = change.schema().withDescendants(relation.name()).stream()
                .filter(one -> one.kind() == Relation.Kind.FOREIGN_TABLE)
                .findFirst();
        if (foreign.isPresent() && !counting.from().contains(" ONLY ")) {
            return Optional.of(foreign.get().name()
                    + " is a foreign table: its rows are on another server, which alone can hold them to it");
        }
        return calls(withDomains(counting.calls()));
    }

    /** What the schema alone knows to be none of the server's own; the rest is looked up before it is asked. */
    private Optional<String> calls(Calls calls) {
        if (!calls.elsewhere().isEmpty()) {
            return Optional.of(
                    userWritten(calls.elsewhere().stream().sorted().findFirst().orElseThrow()));
        }
        if (!calls.ofTheRole().isEmpty()) {
            return Optional.of("the expression asks for " + String.join(", ", calls.ofTheRole())
                    + ", which is another for the role that will run the change");
        }
        return change.schema().routines().stream()
                .filter(routine -> calls.functions().contains(routine.name().name()))
                .map(routine -> userWritten(routine.name().sql()))
                .findFirst();
    }

    static String userWritten(String function) {
        return "the expression may call " + function
                + ", which is not one of the server's own functions: what it costs and does is unknown, so it is not"
                + " run for a count";
    }

    /** A cast to a domain runs what the domain checks. */
    Calls withDomains(Calls calls) {
        Set<String> open = new LinkedHashSet<>(calls.types());
        Calls all = calls;
        for (UserType type : change.schema().types()) {
            if (type.kind() == UserType.Kind.DOMAIN && open.contains(type.name().name())) {
                for (String constraint : type.constraints()) {
                    all = all.and(Calls.in(constraint));
                }
            }
        }
        return all;
    }

    /** {@code IS NULL} as constraints mean it: of a composite value it would ask whether all its fields are null. */
    String isNull(Relation relation, String column, String sql) {
        boolean composite = relation.column(column)
                .map(Column::type)
                .map(type -> change.schema().types().stream()
                        .anyMatch(one -> one.kind() == UserType.Kind.COMPOSITE
                                && type.equals(one.name().sql())))
                .orElse(false);
        return composite ? sql + " IS NOT DISTINCT FROM NULL" : sql + " IS NULL";
    }
}
