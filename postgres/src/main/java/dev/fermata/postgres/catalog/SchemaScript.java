package dev.fermata.postgres.catalog;

import dev.fermata.postgres.catalog.ScriptOrder.Ordered;
import dev.fermata.postgres.catalog.ScriptOrder.Step;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The statements that make the schema of a database again in an empty one, in an order that works, as pg_dump would.
 * With {@link TableCopy} in the middle it clones a target:
 *
 * <pre>{@code
 * SchemaScript script = SchemaScript.read(source);
 * script.applyBeforeData(clone);
 * TableCopy.copyAll(source, clone);
 * script.applyAfterData(clone);
 * script.applySequencePositions(clone);
 * }</pre>
 *
 * after which {@link CatalogSnapshot#withoutOwnership} of both is equal.
 *
 * <p>Owners, grants, default privileges, tablespaces, security labels, large objects, roles and subscriptions are not
 * part of it; roles that policies name are made if they are missing, without login. What else could not be scripted is
 * in {@link #leftOut}. Names are qualified; the statements expect an empty {@code search_path} and {@code
 * check_function_bodies} off, which the {@code apply} methods see to. The clone's role should be a superuser.
 *
 * @param beforeData schemas, extensions, types, sequences, functions, tables, defaults, views
 * @param afterData checks, keys, indexes, materialized views, foreign keys, rules, triggers, policies, comments, and
 *     whatever depends on one of them
 * @param sequencePositions one {@code setval} for each sequence, as it stood when it was read
 * @param leftOut what is in the source and will not be in the clone, as people say it
 */
public record SchemaScript(
        List<String> beforeData, List<String> afterData, List<String> sequencePositions, List<String> leftOut) {

    public SchemaScript {
        beforeData = List.copyOf(beforeData);
        afterData = List.copyOf(afterData);
        sequencePositions = List.copyOf(sequencePositions);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * Reads the source, in its own REPEATABLE READ READ ONLY transaction if the connection is in autocommit mode, else
     * in the caller's.
     */
    public static SchemaScript read(Connection source) throws SQLException {
        return CanonicalOutput.reading(source, () -> {
            SchemaScriptReader reader = new SchemaScriptReader(source);
            Ordered ordered = ScriptOrder.of(reader.steps());
            List<String> leftOut = new ArrayList<>(reader.leftOut());
            ordered.stuck()
                    .forEach(step -> leftOut.add(step.name() + ": it and something it needs depend on each other"));
            return new SchemaScript(
                    ordered.beforeData().stream().map(Step::statement).toList(),
                    ordered.afterData().stream().map(Step::statement).toList(),
                    reader.sequencePositions(),
                    leftOut);
        });
    }

    /** @param clone in autocommit mode; statements are committed in groups, so a failure leaves a part behind */
    public void applyBeforeData(Connection clone) throws SQLException {
        ScriptRunner.run(clone, beforeData);
    }

    /** @param clone as for {@link #applyBeforeData} */
    public void applyAfterData(Connection clone) throws SQLException {
        ScriptRunner.run(clone, afterData);
    }

    /** @param clone as for {@link #applyBeforeData} */
    public void applySequencePositions(Connection clone) throws SQLException {
        ScriptRunner.run(clone, sequencePositions);
    }
}
