package dev.fermata.execution.plan;

import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Numbers drafts, puts together what must not be half done, and names the locks of what will really run. */
final class Steps {
    private final SqlParser parser;

    Steps(SqlParser parser) {
        this.parser = parser;
    }

    /** Each draft is a step of its own, so that each can be taken back by itself. */
    List<Step> oneEach(List<Drafted> drafted) {
        List<Step> steps = new ArrayList<>();
        for (Drafted each : drafted) {
            steps.add(step(steps.size() + 1, each, each.draft().sql(), inverse(each.draft())));
        }
        return steps;
    }

    private static @Nullable Inverse inverse(Draft draft) {
        return draft.undo() instanceof Undo.Possible possible ? possible.inverse() : null;
    }

    /**
     * With the author's rollback, statements without an inverse of their own must not be half done: what can run in one
     * transaction does.
     */
    List<Step> grouped(List<Drafted> drafted) {
        if (drafted.stream().allMatch(each -> each.draft().undo() instanceof Undo.Possible)) {
            return oneEach(drafted);
        }
        List<Step> steps = new ArrayList<>();
        List<String> together = new ArrayList<>();
        int first = 0;
        for (int i = 0; i < drafted.size(); i++) {
            Draft draft = drafted.get(i).draft();
            if (draft.kind() == StepKind.TRANSACTION) {
                first = together.isEmpty() ? i : first;
                together.addAll(draft.sql());
                boolean last =
                        i == drafted.size() - 1 || drafted.get(i + 1).draft().kind() != StepKind.TRANSACTION;
                if (last) {
                    steps.add(step(steps.size() + 1, drafted.get(first), together, null));
                    together = new ArrayList<>();
                }
            } else {
                steps.add(step(steps.size() + 1, drafted.get(i), draft.sql(), inverse(draft)));
            }
        }
        return steps;
    }

    private Step step(int no, Drafted drafted, List<String> sql, @Nullable Inverse inverse) {
        Draft draft = drafted.draft();
        return new Step(
                no,
                draft.phase(),
                draft.kind(),
                sql,
                locks(sql),
                draft.online(),
                draft.reason(),
                drafted.statement().index(),
                inverse,
                draft.verify(),
                draft.batching());
    }

    private List<RelationLock> locks(List<String> sql) {
        return sql.stream()
                .flatMap(text -> parser.parseScript(text.replace(Batching.RANGE, "true")).stream())
                .flatMap(statement -> LockModel.profile(statement).locks().stream())
                .map(lock ->
                        new RelationLock(lock.relation().toString(), lock.mode().sql(), blocks(lock.mode())))
                .distinct()
                .toList();
    }

    private static List<String> blocks(LockMode mode) {
        if (mode.blocksReads()) {
            return List.of("reads", "writes");
        }
        return mode.blocksWrites() ? List.of("writes") : List.of();
    }

    /** The author's own rollback. */
    List<Step> authors(List<Statement> statements) {
        List<Step> steps = new ArrayList<>();
        List<String> together = new ArrayList<>();
        for (Statement statement : statements) {
            if (LockModel.profile(statement).runsInTransaction()) {
                together.add(statement.text());
                continue;
            }
            flush(steps, together);
            steps.add(authors(steps.size() + 1, StepKind.AUTOCOMMIT, List.of(statement.text())));
        }
        flush(steps, together);
        return steps;
    }

    private static void flush(List<Step> steps, List<String> together) {
        if (!together.isEmpty()) {
            steps.add(authors(steps.size() + 1, StepKind.TRANSACTION, List.copyOf(together)));
            together.clear();
        }
    }

    private static Step authors(int no, StepKind kind, List<String> sql) {
        return new Step(
                no, Phase.CONTRACT, kind, sql, List.of(), true, "the author's rollback", 0, null, List.of(), null);
    }
}
