package dev.fermata.execution.step;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.execution.ledger.Entry;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.TargetSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs the steps of a plan, forward or back, continuing wherever the ledger says an earlier attempt came to. For one session;
 * after a lost connection a new one is made on a new session.
 */
public final class PlanRunner {
    private final Plan plan;
    private final StepRunner runner;

    /**
     * @param observer the control connection: a second one to the same server and database, by the same role, which looks
     *     at locks and can cancel what the session runs
     * @param random jitter of the pauses between attempts
     */
    public PlanRunner(
            Plan plan, TargetSession session, Connection observer, StepListener listener, RandomGenerator random)
            throws SQLException {
        this(plan, session, observer, listener, random, Limits.of(plan.settings()));
    }

    PlanRunner(
            Plan plan,
            TargetSession session,
            Connection control,
            StepListener listener,
            RandomGenerator random,
            Limits limits)
            throws SQLException {
        this.plan = plan;
        this.runner = new StepRunner(session, control, limits, listener, random);
    }

    /** How many steps of the plan are in effect. */
    public int stepsDone() throws SQLException {
        return (int) runner.ledger().forward(runner.session().connection()).values().stream()
                .filter(entry -> entry.state() == Entry.State.DONE)
                .count();
    }

    /**
     * Runs every step that has not taken effect yet. What is being taken back is taken back to its end first: half of a step
     * is nothing to go forward from.
     */
    public void forward() throws SQLException, StepFailedException, InterruptedException {
        forward(0, plan.steps().size());
    }

    /**
     * Like {@link #forward()}, up to where the plan waits for the word to contract.
     */
    public void expand() throws SQLException, StepFailedException, InterruptedException {
        forward(0, plan.lastBeforeContract());
    }

    /**
     * Runs what waited for the word to contract. Throws when something before it is not in effect.
     */
    public void contract() throws SQLException, StepFailedException, InterruptedException {
        finishBack();
        Map<Integer, Entry> entries = runner.ledger().forward(runner.session().connection());
        for (Step step : plan.steps().subList(0, plan.lastBeforeContract())) {
            Entry entry = entries.get(step.no());
            if (entry == null || entry.state() != Entry.State.DONE) {
                throw StepFailedException.before(Failure.of(
                        "not-expanded",
                        "step " + step.no() + " is not in effect, so there is nothing to contract; roll back"));
            }
        }
        forward(plan.lastBeforeContract(), plan.steps().size());
    }

    private void forward(int from, int to) throws SQLException, StepFailedException, InterruptedException {
        finishBack();
        Map<Integer, Entry> entries = runner.ledger().forward(runner.session().connection());
        for (Step step : plan.steps().subList(from, to)) {
            Entry entry = entries.get(step.no());
            if (entry != null && entry.state() == Entry.State.DONE) {
                runner.listener().completed(step.no(), Direction.FORWARD, StepResult.found(entry.rows()));
            } else {
                boolean begun = entry != null && entry.state() == Entry.State.STARTED;
                run(Action.forward(step), begun ? entry : null);
            }
        }
    }

    private void finishBack() throws SQLException, StepFailedException, InterruptedException {
        Connection connection = runner.session().connection();
        Map<Integer, Entry> entries = runner.ledger().forward(connection);
        if (!runner.ledger().back(connection).isEmpty()) {
            byAuthor(inEffect(entries));
            return;
        }
        for (Step step : plan.steps().reversed()) {
            Entry entry = entries.get(step.no());
            if (entry != null && entry.state() == Entry.State.UNDOING) {
                takeBack(step, entry);
            }
        }
    }

    private void run(Action action, @Nullable Entry entry)
            throws SQLException, StepFailedException, InterruptedException {
        runner.listener().checkPoint();
        runner.listener().started(action.step(), action.direction(), entry == null ? 1 : 2, action.what());
        StepResult result = runner.run(action, entry);
        runner.listener().completed(action.step(), action.direction(), result);
    }

    /**
     * Takes back every step that is in effect, or may be.
     *
     * @return how many steps were taken back, by this or an earlier attempt
     */
    public int back() throws SQLException, StepFailedException, InterruptedException {
        Map<Integer, Entry> entries = runner.ledger().forward(runner.session().connection());
        List<Step> inEffect = inEffect(entries);
        int undone = (int) entries.values().stream()
                .filter(entry -> entry.state() == Entry.State.UNDONE)
                .count();
        if (plan.rollback().source() == Plan.Source.AUTHOR && complete(entries)) {
            return undone + byAuthor(inEffect);
        }
        for (Step step : inEffect.reversed()) {
            takeBack(step, Objects.requireNonNull(entries.get(step.no())));
        }
        return undone + inEffect.size();
    }

    /** What took effect, or may have. */
    private List<Step> inEffect(Map<Integer, Entry> entries) {
        return plan.steps().stream()
                .filter(step -> {
                    Entry entry = entries.get(step.no());
                    return entry != null && entry.state() != Entry.State.UNDONE;
                })
                .toList();
    }

    private void takeBack(Step step, Entry entry) throws SQLException, StepFailedException, InterruptedException {
        if (entry.state() == Entry.State.STARTED && step.kind() == StepKind.AUTOCOMMIT && didNotHappen(step)) {
            runner.session().change(connection -> {
                runner.ledger().recordUndone(connection, step.no());
            });
            return;
        }
        Inverse inverse = step.inverse();
        if (inverse == null) {
            throw new StepFailedException(
                    step.no(),
                    Direction.BACK,
                    Failure.of(
                            "partial-rollback-impossible",
                            "step " + step.no() + " has no inverse of its own, and the author's rollback is for the"
                                    + " whole change, of which only a part took effect"));
        }
        undo(step, inverse);
    }

    /**
     * Asks the catalog about a step that was begun, before its inverse is run for nothing, or fails as there is nothing to
     * take back. What it left behind is removed.
     */
    private boolean didNotHappen(Step step) throws SQLException, StepFailedException, InterruptedException {
        Action action = Action.forward(step);
        if (runner.reconciliation(action).happened()) {
            return false;
        }
        runner.session().nameStep(step.no());
        return !runner.clearLeftovers(action);
    }

    private void undo(Step step, Inverse inverse) throws SQLException, StepFailedException, InterruptedException {
        Map<Integer, Entry> entries = runner.ledger().undo(runner.session().connection());
        for (int part = 0; part < inverse.units().size(); part++) {
            Entry entry = entries.get(Ledger.undoNumber(step.no(), part));
            if (entry == null || entry.state() != Entry.State.DONE) {
                run(Action.undo(step, part, inverse.units().get(part)), entry);
            }
        }
        runner.session().change(connection -> {
            runner.ledger().recordUndone(connection, step.no());
        });
    }

    /** Whether every step took effect, so that the author's rollback of the whole fits. */
    private boolean complete(Map<Integer, Entry> entries) {
        return plan.steps().stream().allMatch(step -> {
            Entry entry = entries.get(step.no());
            return entry != null && (entry.state() == Entry.State.DONE || entry.state() == Entry.State.UNDOING);
        });
    }

    private int byAuthor(List<Step> inEffect) throws SQLException, StepFailedException, InterruptedException {
        Map<Integer, Entry> back = runner.ledger().back(runner.session().connection());
        for (Step step : plan.rollback().steps()) {
            Entry entry = back.get(step.no());
            if (entry == null || entry.state() != Entry.State.DONE) {
                run(Action.authors(step), entry);
            }
        }
        runner.session().change(connection -> {
            for (Step step : inEffect) {
                runner.ledger().recordUndone(connection, step.no());
            }
            runner.ledger().forgetBack(connection);
        });
        return inEffect.size();
    }
}
