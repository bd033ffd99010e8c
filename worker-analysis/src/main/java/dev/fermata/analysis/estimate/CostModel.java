package dev.fermata.analysis.estimate;

import dev.fermata.analysis.rule.Target;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.Effects;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.RelationEffect;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.AlterCommand;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.ConstraintDefinition;
import dev.fermata.postgres.tree.ConstraintDefinition.Kind;
import dev.fermata.postgres.tree.CreateIndex;
import dev.fermata.postgres.tree.Expressions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Seconds of work from rows and bytes. The constants lie between what was measured with PostgreSQL 18 on two machines of
 * two virtual cores, one of which was eight times as fast as the other; how far away another one is, {@link Calibration}
 * finds out.
 */
final class CostModel {
    private static final double CATALOG = 0.01;
    private static final double READ_ROW = 0.09e-6;
    private static final double READ_BYTE = 0.5e-9;
    private static final double LOOK_UP_ROW = 0.5e-6;
    private static final double SORT_ROW = 0.8e-6;
    private static final double SORT_TEXT = 2.4e-6;
    /** CREATE INDEX CONCURRENTLY reads twice, and sorts the keys of the second time by their place. */
    static final double CONCURRENTLY = 1.5;

    private static final double COPY_ROW = 1.5e-6;
    private static final double COPY_BYTE = 6e-9;
    private static final double CALL = 5e-6;
    private static final double CHANGE_ROW = 5e-6;
    private static final double DELETE_ROW = 1.0e-6;
    private static final double CHANGE_ENTRY = 6e-6;
    /** The sorts above were of so many rows; their time grows with the logarithm. */
    private static final double SORTED_ROWS = 3e6;

    private static final int KEY_BYTES = 20;
    private static final int TEXT_KEY_BYTES = 40;
    private static final int ROW_WAL = 60;

    private static final Set<String> DML = Set.of("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt");

    private final Target target;
    private final List<Statement> change;

    /** @param change all statements, as one may validate what another has added */
    CostModel(Target target, List<Statement> change) {
        this.target = target;
        this.change = change;
    }

    /** @param changedRows as the planner has it; -1 where it was not asked */
    Optional<Workload> of(Statement statement, Effects effects, long changedRows) {
        if (DML.contains(statement.kind())) {
            return data(statement, effects, changedRows);
        }
        List<TableStats> rewritten = tables(effects, RelationEffect::rewrites);
        if (!rewritten.isEmpty() && !statement.kind().equals("IndexStmt")) {
            return Optional.of(rewrite(statement, rewritten));
        }
        Optional<Workload> index = index(statement);
        if (index.isPresent()) {
            return index;
        }
        List<TableStats> scanned = tables(effects, RelationEffect::scans);
        if (!scanned.isEmpty()) {
            return Optional.of(scan(statement, scanned));
        }
        return switch (effects.coverage()) {
            case UNKNOWN -> Optional.empty();
            default -> Optional.of(new Workload(Operation.CATALOG, CATALOG, 0, 0, "rows of the catalog only"));
        };
    }

    private interface What {
        Likelihood of(RelationEffect effect);
    }

    private List<TableStats> tables(Effects effects, What what) {
        return effects.relations().stream()
                .filter(effect -> what.of(effect) == Likelihood.YES)
                .flatMap(effect -> stats(effect.relation()).stream())
                .toList();
    }

    private Optional<TableStats> stats(QualifiedName name) {
        return Optional.ofNullable(target.stats().get(name))
                .filter(one -> one.kind() != TableStats.Kind.PARTITIONED_TABLE);
    }

    private Workload scan(Statement statement, List<TableStats> tables) {
        boolean looksUp = looksUp(statement);
        double seconds = 0;
        // A foreign key reads the table that has it; the other one is looked up in.
        List<TableStats> read = looksUp ? tables.subList(0, 1) : tables;
        for (TableStats table : read) {
            seconds += read(table) + (looksUp ? table.estimatedRows() * LOOK_UP_ROW : 0);
        }
        return new Workload(
                looksUp ? Operation.FOREIGN_KEY : Operation.SCAN, CATALOG + seconds, 0, 0, sizes(read) + " read");
    }

    private boolean looksUp(Statement statement) {
        return commands(statement)
                .anyMatch(command -> command.constraint()
                                .filter(one -> one.kind() == Kind.FOREIGN_KEY && !one.notValid())
                                .isPresent()
                        || (command.is("AT_ValidateConstraint") && isForeignKey(statement, command.name())));
    }

    private boolean isForeignKey(Statement statement, String constraint) {
        boolean added = change.stream()
                .limit(statement.index())
                .flatMap(CostModel::commands)
                .flatMap(command -> command.constraint().stream())
                .anyMatch(one -> one.name().equals(constraint) && one.kind() == Kind.FOREIGN_KEY);
        return added
                || AlterTable.of(statement)
                        .flatMap(alter -> relation(alter.table()))
                        .flatMap(table -> table.constraint(constraint))
                        .filter(one -> one.kind() == Constraint.Kind.FOREIGN_KEY)
                        .isPresent();
    }

    private static Stream<AlterCommand> commands(Statement statement) {
        return AlterTable.of(statement).stream().flatMap(alter -> alter.commands().stream());
    }

    private Optional<Relation> relation(WrittenName name) {
        return target.schema().relation(name.schema(), name.name());
    }

    private Optional<Workload> index(Statement statement) {
        Optional<CreateIndex> created = CreateIndex.of(statement);
        if (created.isPresent()) {
            CreateIndex index = created.orElseThrow();
            return relation(index.table())
                    .map(table -> build(table, isText(table, index.keys()), index.concurrently()));
        }
        for (AlterTable alter : AlterTable.of(statement).stream().toList()) {
            for (AlterCommand command : alter.commands()) {
                Optional<ConstraintDefinition> builds = command.constraint().filter(ConstraintDefinition::buildsIndex);
                Optional<Relation> table = relation(alter.table());
                if (builds.isPresent() && table.isPresent()) {
                    return Optional.of(build(
                            table.orElseThrow(),
                            isText(table.orElseThrow(), builds.orElseThrow().columns()),
                            false));
                }
            }
        }
        return Optional.empty();
    }

    private Workload build(Relation relation, boolean text, boolean concurrently) {
        List<TableStats> parts = parts(relation);
        double seconds = 0;
        long size = 0;
        for (TableStats part : parts) {
            seconds += read(part) + sort(part.estimatedRows(), text);
            size += part.estimatedRows() * (text ? TEXT_KEY_BYTES : KEY_BYTES);
        }
        Operation operation = text
                ? concurrently ? Operation.INDEX_TEXT_CONCURRENTLY : Operation.INDEX_TEXT
                : concurrently ? Operation.INDEX_CONCURRENTLY : Operation.INDEX;
        return new Workload(
                operation,
                CATALOG + seconds * (concurrently ? CONCURRENTLY : 1),
                size,
                size,
                sizes(parts) + " read and sorted");
    }

    private List<TableStats> parts(Relation relation) {
        return target.schema().withDescendants(relation.name()).stream()
                .flatMap(part -> stats(part.name()).stream())
                .toList();
    }

    private Workload rewrite(Statement statement, List<TableStats> tables) {
        boolean calls = commands(statement)
                .flatMap(command -> command.column().stream())
                .flatMap(column -> column.defaultExpression().stream())
                .anyMatch(value -> !Expressions.functions(value).isEmpty());
        double seconds = 0;
        long bytes = 0;
        for (TableStats table : tables) {
            seconds += read(table)
                    + table.estimatedRows() * (COPY_ROW + (calls ? CALL : 0))
                    + table.heapBytes() * COPY_BYTE;
            bytes += table.totalBytes();
            for (Index index : indexes(table.name())) {
                seconds += sort(table.estimatedRows(), isText(index));
            }
        }
        return new Workload(
                calls ? Operation.REWRITE_CALLING : Operation.REWRITE,
                CATALOG + seconds,
                bytes,
                bytes,
                sizes(tables) + " copied, with their indexes");
    }

    private Optional<Workload> data(Statement statement, Effects effects, long changedRows) {
        boolean all = !statement.node().has("whereClause") && !statement.kind().equals("InsertStmt");
        return effects.relations().stream()
                .filter(effect -> effect.mode() == LockMode.ROW_EXCLUSIVE)
                .flatMap(effect -> stats(effect.relation()).stream())
                .findFirst()
                .filter(table -> all || changedRows >= 0)
                .map(table -> data(statement.kind(), table, all ? table.estimatedRows() : changedRows));
    }

    private Workload data(String kind, TableStats table, long rows) {
        int indexes = indexes(table.name()).size();
        long width = table.estimatedRows() == 0 ? ROW_WAL : table.heapBytes() / table.estimatedRows();
        boolean deletes = kind.equals("DeleteStmt");
        double perRow = deletes ? DELETE_ROW : CHANGE_ROW + indexes * CHANGE_ENTRY + width * COPY_BYTE;
        double reads = kind.equals("InsertStmt") ? 0 : read(table);
        long wal = rows * (ROW_WAL + (deletes ? 0 : width + (long) indexes * KEY_BYTES));
        Operation operation =
                deletes ? Operation.DELETE : kind.equals("InsertStmt") ? Operation.INSERT : Operation.UPDATE;
        return new Workload(
                operation,
                CATALOG + reads + rows * perRow,
                wal,
                deletes ? 0 : rows * width,
                String.format(Locale.ROOT, "about %,d rows changed of %s", rows, sizes(List.of(table))));
    }

    private static double read(TableStats table) {
        return table.estimatedRows() * READ_ROW + table.heapBytes() * READ_BYTE;
    }

    private static double sort(long rows, boolean text) {
        double depth = Math.log(Math.max(2.0, (double) rows)) / Math.log(SORTED_ROWS);
        return rows * (text ? SORT_TEXT : SORT_ROW) * depth;
    }

    private List<Index> indexes(QualifiedName table) {
        return target.schema().relation(table).map(Relation::indexes).orElse(List.of());
    }

    private boolean isText(Index index) {
        return target.schema()
                .relation(index.table())
                .filter(table -> isText(table, index.keys()))
                .isPresent();
    }

    private static boolean isText(Relation table, List<String> columns) {
        return columns.stream()
                .flatMap(column -> table.column(column).stream())
                .filter(column -> !"pg_catalog.\"C\"".equals(column.collation()))
                .map(Column::type)
                .anyMatch(type -> type.startsWith("text") || type.startsWith("character"));
    }

    private static String sizes(List<TableStats> tables) {
        long rows = tables.stream().mapToLong(TableStats::estimatedRows).sum();
        long bytes = tables.stream().mapToLong(TableStats::totalBytes).sum();
        return String.format(Locale.ROOT, "%,d rows, %,d MB", rows, bytes >> 20);
    }
}
