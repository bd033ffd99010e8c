package dev.fermata.execution.fault;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.SampleDatabase;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** A plan goes forward and back, again and again, and each time everything must be as when nothing befell it. */
final class Story {
    private final Stand stand;
    private final SampleDatabase database;
    private final Plan plan;
    private final RandomGenerator random;
    private final AtomicLong epoch;
    private final Aftermath aftermath;
    private final Looks before;
    private final Looks after;
    private final List<Place> places;

    /** @param attic what of ours may be there: for the way back, or what was written to an added column meanwhile */
    private record Looks(List<String> looks, List<String> attic) {}

    private Story(
            Stand stand,
            SampleDatabase database,
            Plan plan,
            RandomGenerator random,
            AtomicLong epoch,
            Aftermath aftermath,
            Looks before,
            Looks after,
            List<Place> places) {
        this.stand = stand;
        this.database = database;
        this.plan = plan;
        this.random = random;
        this.epoch = epoch;
        this.aftermath = aftermath;
        this.before = before;
        this.after = after;
        this.places = places;
    }

    /**
     * Tells it for the first time, undisturbed.
     *
     * @param end what the database is to look like when the plan went through
     */
    static Story of(Stand stand, SampleDatabase database, Plan plan, RandomGenerator random, List<String> end)
            throws Exception {
        Aftermath aftermath = new Aftermath(database);
        aftermath.prepare();
        List<String> start = database.looks();
        AtomicLong epoch = new AtomicLong();
        Ordeal ordeal = new Ordeal(stand, database.database(), plan, Strikes.none(), new Tally(), epoch, random);
        ordeal.run(Direction.FORWARD);
        aftermath.looksLike(end);
        Set<String> attic = new TreeSet<>(aftermath.attic());
        ordeal.run(Direction.BACK);
        aftermath.looksLike(start);
        Looks before = new Looks(start, aftermath.attic());
        attic.addAll(before.attic());
        return new Story(
                stand,
                database,
                plan,
                random,
                epoch,
                aftermath,
                before,
                new Looks(end, List.copyOf(attic)),
                List.copyOf(ordeal.places()));
    }

    /** Where somebody is who runs it, forward and back. */
    List<Place> places() {
        return places;
    }

    /** Tells it, struck at places. */
    Tally tell(Strikes strikes) throws Exception {
        Tally tally = new Tally();
        Ordeal ordeal = new Ordeal(stand, database.database(), plan, strikes, tally, epoch, random);
        run(ordeal, Direction.FORWARD, after, tally);
        run(ordeal, Direction.BACK, before, tally);
        return tally;
    }

    /** Tells it, with the line cut at everything that is asked. */
    Tally tellCut(Line.Scissors scissors) throws Exception {
        stand.line().give(scissors);
        try {
            return tell(Strikes.none());
        } finally {
            stand.line().giveBack();
        }
    }

    /** Tells it up to a place on the way forward, where the session is killed; from there it is taken back. */
    Tally tellTakenBack(Place place) throws Exception {
        Tally tally = new Tally();
        Strikes strikes = Strikes.at(Map.of(place, Fault.SESSION_KILLED));
        Ordeal ordeal = new Ordeal(stand, database.database(), plan, strikes, tally, epoch, random);
        aftermath.forget();
        ordeal.runUntilStruck();
        ordeal.run(Direction.BACK);
        tally.ran();
        aftermath.looksLike(before.looks());
        aftermath.leaves(after.attic());
        aftermath.holdsNothing();
        return tally;
    }

    private void run(Ordeal ordeal, Direction direction, Looks expected, Tally tally) throws Exception {
        aftermath.forget();
        ordeal.run(direction);
        tally.ran();
        aftermath.looksLike(expected.looks());
        aftermath.leaves(expected.attic());
        aftermath.holdsNothing();
        aftermath.happenedOnce(plan, direction);
    }
}
