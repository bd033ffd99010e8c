package dev.fermata.analysis.rule;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.context.TargetContext;
import dev.fermata.postgres.lock.Effects;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.CreateIndex;
import dev.fermata.postgres.tree.CreateTable;
import dev.fermata.postgres.tree.Drop;
import dev.fermata.postgres.tree.Rename;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What a rule looks at: one statement, its effects, its place in the change, and where there is one the database.
 *
 * @param effects what it does to the relations of the database; empty where there is no database
 * @param statements of the whole change, this one included, and after each DO block those in it
 * @param body what the statement has in its body, if it has one
 * @param inBody whether it stands in the body of the DO block before it
 */
public record Subject(
        Statement statement,
        StatementProfile profile,
        Optional<Effects> effects,
        List<Statement> statements,
        Before before,
        Situation situation,
        Optional<Body> body,
        boolean inBody) {

    public boolean is(String kind) {
        return statement.kind().equals(kind);
    }

    /** The ALTER TABLE of a plain table, if it is one. */
    public Optional<AlterTable> alterTable() {
        return AlterTable.of(statement).filter(AlterTable::isTable);
    }

    public Optional<CreateTable> createTable() {
        return CreateTable.of(statement);
    }

    public Optional<CreateIndex> createIndex() {
        return CreateIndex.of(statement);
    }

    public Optional<Drop> drop() {
        return Drop.of(statement);
    }

    /** A DROP of that sort of object. */
    public Optional<Drop> drop(String object) {
        return drop().filter(one -> one.object().equals(object));
    }

    public Optional<Rename> rename() {
        return Rename.of(statement);
    }

    /** The statements after this one. */
    public List<Statement> later() {
        return statements.subList(statement.index() + 1, statements.size());
    }

    public boolean asWritten() {
        return situation.strategy() == WorkOrder.Strategy.AS_WRITTEN;
    }

    /** Whether it runs in a transaction together with others. */
    public boolean inTransaction() {
        return before.inTransaction();
    }

    public Optional<SchemaModel> schema() {
        return situation.target().map(Target::schema);
    }

    public Optional<TargetContext> context() {
        return situation.target().map(Target::context);
    }

    /** The relation as it is in the database, if there is a database and it is there. */
    public Optional<Relation> relation(WrittenName name) {
        return schema().flatMap(schema -> schema.relation(name.schema(), name.name()));
    }

    /**
     * Whether the relation was there before this change: somebody may use it. False for what the change has made itself,
     * and with a database for what is not there.
     */
    public boolean isOld(WrittenName relation) {
        return !relation.name().isEmpty()
                && !before.created(relation)
                && (schema().isEmpty() || relation(relation).isPresent());
    }

    /** How much is at stake on a table. */
    public Exposure exposure(WrittenName table) {
        return situation
                .target()
                .flatMap(target -> target.schema()
                        .relation(table.schema(), table.name())
                        .map(relation -> exposure(target, relation.name())))
                .orElse(Exposure.UNKNOWN);
    }

    private static Exposure exposure(Target target, QualifiedName table) {
        long rows = 0;
        for (Relation part : target.schema().withDescendants(table)) {
            TableStats stats = target.stats().get(part.name());
            if (stats != null && stats.kind() != TableStats.Kind.PARTITIONED_TABLE) {
                rows += Math.max(0, stats.estimatedRows());
            }
        }
        return new Exposure(
                rows,
                target.schema().withDescendants(table).stream()
                        .map(part -> target.writesPerSecond().get(part.name()))
                        .filter(Objects::nonNull)
                        .reduce(Double::sum)
                        .orElse(-1.0));
    }

    /** The table's name for messages, with its size where that is known. */
    public String name(WrittenName table) {
        Exposure exposure = exposure(table);
        return exposure.rows() < 0
                ? table.toString()
                : table + " (about " + String.format(Locale.ROOT, "%,d", exposure.rows()) + " rows)";
    }
}
