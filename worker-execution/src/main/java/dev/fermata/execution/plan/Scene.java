package dev.fermata.execution.plan;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.Effects;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.UserType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that is known when a piece is planned.
 *
 * @param after like {@code before} where the piece could not be tried
 * @param end when the whole change has run, as far as that is known
 * @param known whether it could
 * @param effects of the piece as it is written
 * @param tables of the target, by the name that they have at this point of the change
 * @param created by the change itself, before this piece
 * @param keptInStep tables with a column that rests and is kept in step, by their names at this point
 * @param names what becomes of old ones
 * @param target the catalog before the change, grants and owners included
 * @param key short, and of this run and piece alone
 */
record Scene(
        Piece piece,
        Stage before,
        Stage after,
        Stage end,
        boolean known,
        Effects effects,
        Map<QualifiedName, TableStats> tables,
        Set<QualifiedName> created,
        Set<QualifiedName> keptInStep,
        WorkOrder.Strategy strategy,
        Names names,
        int majorVersion,
        CatalogSnapshot target,
        String key) {
    Scene {
        tables = Map.copyOf(tables);
        created = Set.copyOf(created);
        keptInStep = Set.copyOf(keptInStep);
    }

    Statement statement() {
        return piece.statement();
    }

    /** The same about another statement. */
    Scene with(Statement other) {
        return new Scene(
                new Piece(piece.author(), other),
                before,
                after,
                end,
                known,
                effects,
                tables,
                created,
                keptInStep,
                strategy,
                names,
                majorVersion,
                target,
                key);
    }

    /** The way back, as if it were a change of its own. */
    Scene reversed() {
        return new Scene(
                piece,
                after,
                before,
                end,
                known,
                effects,
                tables,
                created,
                keptInStep,
                strategy,
                names,
                majorVersion,
                target,
                key + "r");
    }

    boolean online() {
        return strategy == WorkOrder.Strategy.ONLINE && known;
    }

    CatalogDiff diff() {
        return CatalogDiff.between(before.catalog(), after.catalog());
    }

    boolean isNew(QualifiedName table) {
        return created.contains(table);
    }

    /** @param relation as SQL */
    boolean isNew(String relation) {
        return created.stream().anyMatch(table -> table.sql().equals(relation));
    }

    /**
     * What the target calls a relation, which an earlier piece may have given another name.
     *
     * @param relation as SQL
     */
    String onTarget(String relation) {
        return tables.entrySet().stream()
                .filter(table -> table.getKey().sql().equals(relation))
                .findFirst()
                .map(table -> table.getValue().name().sql())
                .orElse(relation);
    }

    boolean hasKeptInStep(QualifiedName table) {
        return keptInStep.contains(table);
    }

    Optional<Relation> relation(QualifiedName table) {
        return before.schema().relation(table);
    }

    /**
     * What the name of a relation means to a session of the target.
     *
     * @param schema empty: none is written
     */
    QualifiedName named(String schema, String name) {
        return before.schema()
                .relation(schema, name)
                .map(Relation::name)
                .or(() -> before.schema().index(schema, name).map(Index::name))
                .orElseGet(() -> new QualifiedName(schema.isEmpty() ? firstOfSearchPath() : schema, name));
    }

    /** As {@link #named}, of a type. */
    QualifiedName namedType(String schema, String name) {
        return before.schema()
                .type(schema, name)
                .map(UserType::name)
                .orElseGet(() -> new QualifiedName(schema.isEmpty() ? firstOfSearchPath() : schema, name));
    }

    private String firstOfSearchPath() {
        List<String> path = before.schema().searchPath();
        return path.isEmpty() ? "public" : path.getFirst();
    }

    Optional<TableStats> stats(QualifiedName table) {
        return Optional.ofNullable(tables.get(table));
    }

    /** Whether the change made it, or the table that it is an index of. */
    private boolean isNewOrOfNew(QualifiedName relation) {
        return isNew(relation)
                || before.schema()
                        .index(relation)
                        .filter(index -> isNew(index.table()))
                        .isPresent();
    }

    /** Whether an existing table is read or written anew as a whole, while somebody has to wait for it. */
    boolean blocks() {
        boolean strong = effects.relations().stream()
                .anyMatch(effect -> effect.mode().blocksWrites() && !isNewOrOfNew(effect.relation()));
        boolean lasting = effects.relations().stream()
                .anyMatch(effect -> (effect.scans() != Likelihood.NO || effect.rewrites() != Likelihood.NO)
                        && !isNewOrOfNew(effect.relation()));
        return strong && lasting;
    }

    /** Whether the piece writes an existing table anew. */
    boolean rewrites() {
        return effects.relations().stream()
                .anyMatch(effect -> effect.rewrites() != Likelihood.NO && !isNewOrOfNew(effect.relation()));
    }

    boolean hasComment(ObjectName view) {
        return after.catalog().definitions().keySet().stream()
                .anyMatch(identity -> identity.startsWith("comment on ") && identity.contains(" " + view.sql()));
    }
}
