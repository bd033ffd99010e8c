package dev.fermata.execution.plan;

import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.Trigger;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Triggers of the application that a step sets off when it changes rows. Only a superuser could keep them from firing, and
 * what they write on the way back is nobody's to take back.
 */
final class FiredTriggers {
    /** As the server prints a trigger; rows of a DELETE are inserted on the way back. */
    private static final Pattern COMES_OR_GOES =
            Pattern.compile("(?s)^CREATE (?:CONSTRAINT )?TRIGGER .*? (?:BEFORE|AFTER) (?:INSERT|DELETE) ");

    private static final String CODE = "triggers-fire";

    private FiredTriggers() {}

    /** The draft with what people should know of it. */
    static Draft told(Scene scene, Draft draft) {
        Batching batching = draft.batching();
        return batching == null
                        || draft.flags().stream().anyMatch(flag -> flag.code().equals(CODE))
                ? draft
                : told(scene, draft, batching);
    }

    static Draft told(Scene scene, Draft draft, Batching batching) {
        List<String> columns =
                batching.changedColumns().stream().map(Sql::unquoted).toList();
        String triggers = scene.before().schema().relations().stream()
                .filter(relation -> relation.name().sql().equals(batching.table()))
                .flatMap(relation -> scene.before().schema().withDescendants(relation.name()).stream())
                .map(Relation::triggers)
                .flatMap(List::stream)
                .filter(trigger -> fires(trigger, columns))
                .map(Trigger::name)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        return triggers.isEmpty()
                ? draft
                : draft.flagged(new RedFlag(
                        CODE,
                        RiskLevel.LOW,
                        "triggers of " + batching.table() + " fire for the rows that a step changes, forward and on the"
                                + " way back: " + triggers + "; what they write themselves is not taken back"));
    }

    private static boolean fires(Trigger trigger, List<String> columns) {
        return columns.isEmpty()
                ? trigger.enabled()
                        && COMES_OR_GOES.matcher(trigger.definition()).find()
                : columns.stream().anyMatch(column -> ColumnRename.firesOnUpdate(trigger, column));
    }
}
