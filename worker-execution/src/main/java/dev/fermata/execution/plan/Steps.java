package dev.fermata.execution.plan;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Numbers drafts, puts together what must not be half done, and names the locks of what will really run. */
final class Steps {
    private static final Pattern NOT_VALID = Pattern.compile("(?is)^\\s*ALTER\\s.*\\sNOT\\s+VALID\\s*;?\\s*$");
    private static final Pattern VALIDATE = Pattern.compile("(?is)^\\s*ALTER\\s.*\\sVALIDATE\\s+CONSTRAINT\\s");
    private static final Pattern ADD_VALUE = Pattern.compile("(?is)^\\s*ALTER\\s+TYPE\\s.*\\sADD\\s+VALUE\\s");

    private final SqlParser parser;
    private final RunId run;
    private final int revision;

    Steps(SqlParser parser, RunId run, int revision) {
        this.parser = parser;
        this.run = run;
        this.revision = revision;
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
     * With the author's rollback, statements without an inverse of their own must not be half done: what follows the first
     * of them and can run in the same transaction does. What goes before can be taken back by itself.
     */
    List<Step> grouped(List<Drafted> drafted) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0, end; i < drafted.size(); i = end) {
            end = endOfGroup(drafted, i);
            Drafted group = end == i + 1 ? drafted.get(i) : together(drafted.subList(i, end));
            steps.add(step(steps.size() + 1, group, group.draft().sql(), inverse(group.draft())));
        }
        return steps;
    }

    private static int endOfGroup(List<Drafted> drafted, int first) {
        Draft begin = drafted.get(first).draft();
        int end = first + 1;
        if (begin.kind() == StepKind.TRANSACTION && begin.undo() instanceof Undo.Impossible) {
            while (end < drafted.size() && mayFollow(drafted.subList(first, end), drafted.get(end))) {
                end++;
            }
        }
        return end;
    }

    /**
     * VALIDATE in the transaction of its NOT VALID would read under a strong lock, and a value of an enum cannot be used in
     * the transaction that adds it.
     */
    private static boolean mayFollow(List<Drafted> group, Drafted next) {
        boolean validates = holds(next, VALIDATE) && group.stream().anyMatch(each -> holds(each, NOT_VALID));
        return next.draft().kind() == StepKind.TRANSACTION && !validates && !holds(group.getLast(), ADD_VALUE);
    }

    private static boolean holds(Drafted drafted, Pattern what) {
        return drafted.draft().sql().stream().anyMatch(sql -> what.matcher(sql).find());
    }

    private static Drafted together(List<Drafted> group) {
        List<Draft> drafts = group.stream().map(Drafted::draft).toList();
        Draft draft = Draft.transaction(
                drafts.getFirst().phase(),
                "in one transaction, as not all of it can be taken back by itself: "
                        + drafts.stream().map(Draft::reason).distinct().collect(Collectors.joining("; ")),
                drafts.getFirst().undo(),
                drafts.stream().flatMap(each -> each.sql().stream()).toList());
        return new Drafted(
                drafts.stream().allMatch(Draft::online) ? draft : draft.blocking(),
                group.getFirst().statement());
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
                verify(draft, no),
                draft.batching());
    }

    /** A transaction writes with its own hand that it has happened; what cannot be in one is looked for. */
    private List<String> verify(Draft draft, int no) {
        return draft.kind() == StepKind.AUTOCOMMIT ? draft.verify() : List.of(Ledger.proof(run, revision, no));
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
