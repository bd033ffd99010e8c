package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.Trigger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * RENAME COLUMN under an application that does not know the new name yet: a column of that name beside the old one, with
 * indexes of its own, kept in step both ways by a trigger and filled in batches. When nobody uses the old name any more the
 * copy goes and the old column takes its name, so constraints, indexes and the order of columns stay as they are.
 */
final class ColumnRename {
    /** As the server prints a default that is the same for all rows. */
    private static final Pattern CONSTANT =
            Pattern.compile("(?is)(-?[\\d.]+|'(?:[^']|'')*'|true|false|null)(::[^(]+(\\(\\d+(,\\s*\\d+)?\\))?[^(]*)?");

    /** As the server prints a trigger. */
    private static final Pattern UPDATE = Pattern.compile(
            "(?s)^CREATE (?:CONSTRAINT )?TRIGGER .*? (?:BEFORE|AFTER) (?:INSERT OR |DELETE OR |TRUNCATE OR )*UPDATE(?:"
                    + " OF (?<columns>.*?))?(?: OR | ON )");

    private final Scene scene;
    private final Relation table;
    private final Column column;
    private final String old;
    private final String made;
    private final List<Index> indexes;

    private ColumnRename(Scene scene, Relation table, Column column, String newName) {
        this.scene = scene;
        this.table = table;
        this.column = column;
        this.old = Sql.quote(column.name());
        this.made = Sql.quote(newName);
        this.indexes = table.indexes().stream()
                .filter(index -> Tokens.mention(index.definition(), column.name()))
                .toList();
    }

    /** Why both names cannot work; empty where they can. */
    static String obstacle(Scene scene, Relation table, Column column) {
        boolean alone = table.kind() == Relation.Kind.TABLE
                && !table.isPartition()
                && table.children().isEmpty()
                && table.parents().isEmpty();
        if (!alone) {
            return table.kind() == Relation.Kind.TABLE || table.kind() == Relation.Kind.PARTITIONED_TABLE
                    ? "its table has partitions or heirs, or is one"
                    : "it is not the column of a table";
        }
        if (column.generated() != Column.Generated.NO) {
            return "its values are generated";
        }
        if (RewriteRules.on(scene, table.name(), "UPDATE").isPresent()) {
            return "rules make something else of UPDATE, by which the new name is filled";
        }
        if (isDomain(scene, column)) {
            return "a column of a domain is not added without writing the table anew";
        }
        if (table.triggers().stream().anyMatch(trigger -> firesOnUpdate(trigger, column.name()))) {
            return "triggers of its table fire on UPDATE, which filling the new name would set off, or of which writes"
                    + " by the new name would not";
        }
        boolean hides = !column.notNull() && column.defaultExpression() != null && !isConstant(column);
        return hides
                ? "its default is not the same for all rows, so that a NULL by the new name would not be seen"
                : "";
    }

    private static boolean isDomain(Scene scene, Column column) {
        String type = column.type();
        return scene.before()
                .catalog()
                .definition("domain " + (type.contains(".") ? type : "public." + type))
                .isPresent();
    }

    /** Unless it is for other columns alone. */
    static boolean firesOnUpdate(Trigger trigger, String column) {
        Matcher update = UPDATE.matcher(trigger.definition());
        if (!trigger.enabled() || !update.find()) {
            return false;
        }
        String columns = update.group("columns");
        return columns == null
                || Arrays.stream(columns.split(","))
                        .anyMatch(each -> Sql.unquoted(each.strip()).equals(column));
    }

    private static boolean isConstant(Column column) {
        return column.defaultExpression() == null
                ? column.identity() == Column.Identity.NO
                : CONSTANT.matcher(column.defaultExpression()).matches();
    }

    static List<Draft> drafts(Scene scene, Relation table, Column column, String newName, Draft atOnce) {
        return new ColumnRename(scene, table, column, newName).drafts(atOnce);
    }

    private String alter(String what) {
        return Sql.alter(table.name(), what);
    }

    private RowTrigger trigger(String which, RowTrigger.Turn turn) {
        return new RowTrigger(
                table.name(), scene.key(), which, turn, scene.before().schema().searchPath());
    }

    private List<RowTrigger> triggers() {
        RowTrigger first = trigger("names", RowTrigger.Turn.FIRST);
        return table.triggers().isEmpty()
                ? List.of(first)
                : List.of(first, trigger("names_again", RowTrigger.Turn.LAST));
    }

    private List<Draft> drafts(Draft atOnce) {
        List<Draft> drafts = new ArrayList<>();
        drafts.add(Draft.transaction(
                Phase.EXPAND,
                "a column of the new name beside the old one, kept in step by a trigger: both names work",
                Undo.by(dropped(alter("DROP COLUMN IF EXISTS " + made)).toArray(String[]::new)),
                expand()));
        drafts.add(fill());
        indexes.forEach(index -> drafts.add(index(index)));
        drafts.add(Draft.transaction(
                Phase.MIGRATE, "every row has the same value by both names", Undo.by(), Sql.raise(different())));
        drafts.add(FreshStatistics.draft(table.name(), made));
        List<String> contract = new ArrayList<>();
        contract.addAll(dropped(Sql.raise(whatOthersAdded()))); // the triggers, too, would count
        contract.add(alter("DROP COLUMN " + made));
        contract.addAll(atOnce.sql());
        drafts.add(Draft.transaction(
                        Phase.CONTRACT,
                        "nobody uses the old name any more: the copy goes, and the column takes the new name",
                        atOnce.undo(),
                        contract)
                .waiting());
        return drafts;
    }

    private List<String> dropped(String after) {
        List<String> sql = new ArrayList<>();
        for (RowTrigger trigger : triggers()) {
            sql.add(trigger.drop());
            sql.add(trigger.dropFunction());
        }
        sql.add(after);
        return sql;
    }

    private List<String> expand() {
        List<String> sql = new ArrayList<>();
        sql.add(alter("ADD COLUMN " + made + " " + column.type()
                + (column.collation() == null ? "" : " COLLATE " + column.collation())));
        if (column.defaultExpression() != null && isConstant(column)) {
            sql.add(alter("ALTER COLUMN " + made + " SET DEFAULT " + column.defaultExpression()));
        }
        sql.addAll(Ownership.ofColumn(table.name(), old, made, scene));
        String same = " NEW." + made + " := NEW." + old + ";";
        for (RowTrigger trigger : triggers()) {
            boolean first = trigger.turn() == RowTrigger.Turn.FIRST;
            sql.add(trigger.createFunction("BEGIN" + (first ? inStep() : same) + " RETURN NEW; END"));
            sql.add(trigger.createWhere(Sql.differ("NEW." + made, "NEW." + old)));
            sql.add(trigger.always());
        }
        return sql;
    }

    /** Whoever writes gives one of the two names; the other then has its default, or what it had. */
    private String inStep() {
        String byNew = " NEW." + old + " := NEW." + made + ";";
        String byOld = " NEW." + made + " := NEW." + old + ";";
        String inserted =
                isConstant(column) ? "NOT " + Sql.differ("NEW." + old, value()) : "NEW." + made + " IS NOT NULL";
        return " IF TG_OP = 'INSERT' THEN IF " + inserted + " THEN" + byNew + " ELSE" + byOld + " END IF; ELSIF "
                + Sql.differ("NEW." + made, "OLD." + made) + " THEN" + byNew + " ELSE" + byOld + " END IF;";
    }

    private String value() {
        String value = column.defaultExpression() == null ? "NULL" : column.defaultExpression();
        return "(" + value + ")::" + column.type();
    }

    private Draft fill() {
        String alias = Sql.quote("filled");
        Batching batching = new Batching(
                table.name().sql(), alias, Keys.of(scene, table.name()), Keys.ROWS_PER_BATCH, null, List.of(made));
        return Draft.batches(
                Phase.MIGRATE,
                "the rows that were there get their values in batches, so that no row is locked for long",
                Undo.by(),
                "UPDATE " + table.name().sql() + " AS " + alias + " SET " + made + " = " + alias + "." + old + " WHERE "
                        + Sql.differ(alias + "." + made, alias + "." + old) + " AND " + Batching.RANGE,
                batching);
    }

    private String copyOf(Index index) {
        return Attic.resting(scene.key(), "new_" + index.name().name());
    }

    private Draft index(Index index) {
        QualifiedName name = new QualifiedName(index.name().schema(), copyOf(index));
        String create = Tokens.replaced(index.definition(), column.name(), Sql.unquoted(made));
        if (isDeferrable(index)) {
            create = create.replaceFirst("^CREATE UNIQUE INDEX", "CREATE INDEX"); // which would be checked at once
        }
        return Draft.autocommit(
                Phase.EXPAND,
                "what " + index.name().name() + " is for queries by the old name, CONCURRENTLY",
                UniqueRewrite.dropped(name),
                UniqueRewrite.concurrently(Tokens.renamedIndex(create, Sql.quote(name.name()))),
                UniqueRewrite.isValid(name));
    }

    private boolean isDeferrable(Index index) {
        return table.constraint(index.name().name())
                .filter(constraint -> constraint.definition().contains(" DEFERRABLE"))
                .isPresent();
    }

    private Sql.Check different() {
        return new Sql.Check(
                "SELECT FROM " + table.name().sql() + " WHERE " + Sql.differ(made, old),
                "rows of " + table.name().sql() + " have another value by the new name than by the old one");
    }

    /** What was made on the copy since would go with it. */
    private Sql.Check whatOthersAdded() {
        String of = Sql.literal(table.name().sql()) + "::regclass";
        String known = indexes.stream()
                .map(index -> "to_regclass("
                        + Sql.literal(new QualifiedName(index.name().schema(), copyOf(index)).sql()) + ")")
                .collect(Collectors.joining(", "));
        return new Sql.Check(
                "SELECT FROM pg_depend AS d JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum ="
                        + " d.refobjsubid WHERE d.refclassid = 'pg_class'::regclass AND"
                        + " d.refobjid = " + of + " AND a.attname = "
                        + Sql.literal(Sql.unquoted(made)) + " AND d.classid <> 'pg_attrdef'::regclass"
                        + (known.isEmpty()
                                ? ""
                                : " AND NOT (d.classid = 'pg_class'::regclass AND d.objid IN (" + known + "))"),
                "somebody made an index, a constraint or a view on "
                        + table.name().sql() + "." + made + ", which is a copy until this step: make it again on " + old
                        + " and drop it, then try again");
    }
}
