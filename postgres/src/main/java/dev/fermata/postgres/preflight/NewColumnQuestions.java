package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.UserType;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ColumnDefinition;
import dev.fermata.postgres.tree.ConstraintDefinition;
import dev.fermata.postgres.tree.Expressions;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What ADD COLUMN demands of the rows that get the column. All of them get the same value, so a demand is met by all or
 * by none, but for a generated column.
 */
final class NewColumnQuestions {
    private static final Set<String> AFTER_DEFAULT = Set.of(
            "constraint",
            "not",
            "null",
            "check",
            "unique",
            "primary",
            "references",
            "generated",
            "collate",
            "deferrable",
            "initially",
            "enforced",
            "default");

    private final Asking asking;
    private final Relation table;
    private final ColumnDefinition column;
    private final String name;
    private final Table scanned;
    private final boolean there;

    NewColumnQuestions(Asking asking, AlterTable alter, Relation table, AlterCommand command) {
        this.asking = asking;
        this.table = table;
        this.column = command.column().orElseThrow();
        this.name = QualifiedName.quote(column.name());
        this.scanned = alter.only() ? Table.alone(table) : Table.withHeirs(table);
        this.there = command.missingOk() && table.column(column.name()).isPresent();
    }

    void ask() {
        if (there) {
            return;
        }
        boolean primary = column.has(ConstraintDefinition.Kind.PRIMARY_KEY);
        if (!column.fillsItself()) {
            if (column.notNull()) {
                all(
                        primary ? Kind.PRIMARY_KEY : Kind.NOT_NULL,
                        "",
                        "get the new column " + name + ", which is NOT NULL and has no default");
            } else {
                domain();
            }
        }
        for (ConstraintDefinition clause : column.clauses()) {
            switch (clause.kind()) {
                case CHECK -> check(clause);
                case UNIQUE, PRIMARY_KEY -> unique(clause);
                case FOREIGN_KEY -> foreignKey(clause);
                case GENERATED -> generated(clause);
                default -> {}
            }
        }
    }

    /** Every row of the table, or with {@code OFFSET 1} all but one. */
    private void all(Kind kind, String rest, String what) {
        asking.count(
                kind,
                table,
                "rows of " + table.name() + " that " + what,
                new Counting(
                        "SELECT FROM " + scanned.sql(),
                        rest,
                        rest.isEmpty(),
                        List.of(Reading.of(table.name(), List.of())),
                        Calls.NONE,
                        asking.change().searchPath()));
    }

    /** A domain may forbid null where the column does not, and may have a default where the column has none. */
    private void domain() {
        Optional<UserType> domain = asking.change()
                .type(new WrittenName(column.type().schema(), column.type().name()))
                .filter(type ->
                        type.kind() == UserType.Kind.DOMAIN && !column.type().array());
        if (domain.isEmpty() || !domain.get().constraints().contains("NOT NULL")) {
            return;
        }
        String noDefault = " WHERE EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid = "
                + PartitionBound.literal(domain.get().name().sql())
                + "::pg_catalog.regtype AND t.typdefault IS NULL)";
        all(
                Kind.DOMAIN,
                noDefault,
                "get the new column " + name + ", whose domain " + domain.get().name()
                        + " forbids null and has no default");
    }

    private void check(ConstraintDefinition clause) {
        Optional<Tokens> words = words(clause).after("check").flatMap(Tokens::group);
        if (words.isEmpty() || !clause.enforced()) {
            return;
        }
        Condition condition = Condition.written(words.get(), clause.expression());
        String what =
                "rows of " + table.name() + " whose new column " + name + " is against CHECK (" + condition.sql() + ")";
        Set<String> others = new HashSet<>(condition.columns());
        others.remove(column.name());
        Optional<String> value = value();
        Optional<String> obstacle = asking.obstacle(
                        table, new Condition(condition.sql(), others, condition.calls(), condition.subquery()))
                .or(() -> value.isPresent()
                        ? Optional.empty()
                        : Optional.of("the default is computed when the rows are written"));
        if (obstacle.isPresent()) {
            asking.cannot(Kind.CHECK, table.name(), what, obstacle.get());
            return;
        }
        asking.count(
                Kind.CHECK,
                table,
                what,
                new Counting(
                        "SELECT FROM " + scanned.sql(),
                        " CROSS JOIN LATERAL (SELECT " + value.get() + " AS " + name + ") AS new_column WHERE ("
                                + condition.sql() + ") IS FALSE",
                        true,
                        List.of(Reading.of(table.name(), List.copyOf(others))),
                        condition.calls().and(Calls.in(value.get())),
                        asking.change().searchPath()));
    }

    private void unique(ConstraintDefinition clause) {
        Kind kind = clause.kind() == ConstraintDefinition.Kind.PRIMARY_KEY ? Kind.PRIMARY_KEY : Kind.UNIQUE;
        boolean nulls = clause.node().path("nulls_not_distinct").asBoolean() && !column.fillsItself();
        boolean constant =
                column.defaultExpression().filter(Expressions::isConstant).isPresent() && column.fillsItself();
        if (nulls || constant) {
            all(kind, " OFFSET 1", "get the same value as another in the new column " + name + ", which is unique");
        }
    }

    private void foreignKey(ConstraintDefinition clause) {
        if (!column.fillsItself() || clause.notValid() || !clause.enforced()) {
            return;
        }
        Optional<Relation> parent = asking.change().old(clause.references());
        String what = "rows of " + table.name() + " whose new column " + name + " is not in "
                + asking.change().named(clause.references());
        List<String> referenced = parent.map(one -> clause.referencedColumns().isEmpty()
                        ? ForeignKeyQuestions.primaryKey(one)
                        : clause.referencedColumns())
                .orElse(List.of());
        Optional<String> value = value();
        if (parent.isEmpty() || referenced.size() != 1 || value.isEmpty()) {
            asking.cannot(
                    Kind.FOREIGN_KEY,
                    table.name(),
                    what,
                    "the default is not a constant, or what it points to is not in the schema yet");
            return;
        }
        asking.count(
                Kind.FOREIGN_KEY,
                table,
                what,
                new Counting(
                        "SELECT FROM " + scanned.sql(),
                        " WHERE NOT EXISTS (SELECT FROM "
                                + Table.alone(parent.get()).as("p").sql() + " WHERE p."
                                + QualifiedName.quote(referenced.getFirst()) + " = " + value.get() + ")",
                        true,
                        List.of(
                                Reading.of(table.name(), List.of()),
                                Reading.of(parent.get().name(), referenced)),
                        Calls.in(value.get()),
                        asking.change().searchPath()));
    }

    /** GENERATED ... NOT NULL, the one value that differs from row to row. */
    private void generated(ConstraintDefinition clause) {
        if (!column.notNull()) {
            return;
        }
        words(clause).after("as").flatMap(Tokens::group).ifPresent(words -> {
            Condition condition = Condition.written(words, clause.expression());
            String what = "rows of " + table.name() + " whose new column " + name + " would be null";
            Optional<String> obstacle = asking.obstacle(table, condition);
            if (obstacle.isPresent()) {
                asking.cannot(Kind.NOT_NULL, table.name(), what, obstacle.get());
            } else {
                asking.count(
                        Kind.NOT_NULL,
                        scanned,
                        what,
                        "(" + condition.sql() + ") IS NULL",
                        TableQuestions.columns(table, condition),
                        condition.calls());
            }
        });
    }

    /** What every row gets, where that is a constant. */
    private Optional<String> value() {
        String type = TypeQuestions.typeSql(asking, column.type());
        if (!column.fillsItself()) {
            return Optional.of("CAST(NULL AS " + type + ")");
        }
        return column.clauses(ConstraintDefinition.Kind.DEFAULT)
                .filter(clause -> Expressions.isConstant(clause.expression()))
                .findFirst()
                .flatMap(clause -> words(clause).after("default"))
                .map(words -> "CAST((" + constant(words) + ") AS " + type + ")");
    }

    private static String constant(Tokens words) {
        int first = words.list().getFirst().start();
        return words.before(token -> token.start() > first
                        && (Tokens.isComma(token)
                                || (Tokens.isName(token) && AFTER_DEFAULT.contains(Tokens.unquoted(token)))))
                .text();
    }

    private Tokens words(ConstraintDefinition clause) {
        return Tokens.of(asking.statement().text()).from(clause.offset());
    }
}
