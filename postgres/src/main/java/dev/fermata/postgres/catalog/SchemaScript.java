package dev.fermata.postgres.catalog;

import dev.fermata.postgres.catalog.ScriptOrder.Ordered;
import dev.fermata.postgres.catalog.ScriptOrder.Step;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The statements that make the schema of a database again in an empty one, in an order that works, as pg_dump would.
 * With {@link TableCopy} in the middle it clones a target:
 *
 * <pre>{@code
 * SchemaScript script = SchemaScript.read(source);
 * SchemaCopy copy = script.into(clone, beside);
 * copy.beforeData();
 * TableCopy.copyAll(source, clone);
 * copy.afterData();
 * copy.sequencePositions();
 * }</pre>
 *
 * after which {@link CatalogSnapshot#withoutOwnership} of both is equal, but for what is {@link SchemaCopy#missing}.
 *
 * <p>Owners, grants, default privileges, tablespaces, security labels, large objects, roles and subscriptions are not
 * part of it; roles that policies name are made if they are missing, without login. What else could not be scripted is
 * in {@link #leftOut}. Names are qualified; the statements expect an empty {@code search_path} and {@code
 * check_function_bodies} off, which {@link SchemaCopy} sees to.
 *
 * @param beforeData schemas, extensions, types, sequences, functions, tables, defaults, views
 * @param afterData checks, keys, indexes, materialized views, foreign keys, rules, triggers, policies, comments, and
 *     whatever depends on one of them
 * @param sequencePositions one {@code setval} for each sequence that the role may read, as it stood when it was read
 * @param leftOut what is in the source and will not be in the clone, as people say it
 * @param dispensable of {@code beforeData} and {@code afterData}: what a clone whose role may not make it does without
 * @param unfinishedIndexes of {@code afterData}: those that are made to fail, each outside of a transaction
 */
public record SchemaScript(
        List<String> beforeData,
        List<String> afterData,
        List<String> sequencePositions,
        List<String> leftOut,
        List<Dispensable> dispensable,
        List<UnfinishedIndex> unfinishedIndexes) {

    public SchemaScript {
        beforeData = List.copyOf(beforeData);
        afterData = List.copyOf(afterData);
        sequencePositions = List.copyOf(sequencePositions);
        leftOut = List.copyOf(leftOut);
        dispensable = List.copyOf(dispensable);
        unfinishedIndexes = List.copyOf(unfinishedIndexes);
    }

    /**
     * Reads the source, in its own REPEATABLE READ READ ONLY transaction if the connection is in autocommit mode, else
     * in the caller's.
     */
    public static SchemaScript read(Connection source) throws SQLException {
        return CanonicalOutput.readingCatalog(source, () -> {
            SequencePositions positions = SequencePositions.read(source);
            return read(source, positions.statements(), positions.unknown());
        });
    }

    /** As {@link #read}, without the positions of sequences, for clones in which nobody takes numbers. */
    public static SchemaScript readDefinitions(Connection source) throws SQLException {
        return CanonicalOutput.readingCatalog(source, () -> read(source, List.of(), List.of()));
    }

    private static SchemaScript read(Connection source, List<String> sequencePositions, List<String> unknownPositions)
            throws SQLException {
        SchemaScriptReader reader = new SchemaScriptReader(source);
        List<Step> steps = reader.steps();
        Ordered ordered = ScriptOrder.of(steps);
        List<String> leftOut = new ArrayList<>(reader.leftOut());
        leftOut.addAll(unknownPositions);
        ordered.stuck().forEach(step -> leftOut.add(step.name() + ": it and something it needs depend on each other"));
        return new SchemaScript(
                ordered.beforeData().stream().map(Step::statement).toList(),
                ordered.afterData().stream().map(Step::statement).toList(),
                sequencePositions,
                leftOut,
                Dispensable.of(steps),
                steps.stream()
                        .filter(step -> step.recipe() == Recipe.INVALID_INDEX)
                        .map(step -> new UnfinishedIndex(step.name(), step.statement()))
                        .sorted(Comparator.comparing(UnfinishedIndex::name))
                        .toList());
    }

    /**
     * @param clone in autocommit mode, and left alone by others until the copy is whole
     * @param beside the same database
     */
    public SchemaCopy into(Connection clone, SchemaCopy.Beside beside) throws SQLException {
        return new SchemaCopy(this, clone, beside);
    }
}
