package dev.fermata.execution.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.fault.Arrival.At;
import dev.fermata.execution.fault.Arrival.End;
import dev.fermata.execution.fault.Arrival.Ended;
import dev.fermata.execution.fault.Place.Moment;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A plan is run, forward or back, and struck on the way; somebody goes on each time, until it is through. A worker that was
 * stopped is woken when the one after it is at the next place that is struck, or through: it must do nothing more, and when
 * it comes back it must be refused and leave the other alone.
 */
final class Ordeal {
    private final Stand stand;
    private final TestDatabase database;
    private final Plan plan;
    private final Strikes strikes;
    private final Tally tally;
    private final RandomGenerator random;
    private final Set<Place> places = new LinkedHashSet<>();
    private final AtomicLong epoch;
    private @Nullable Stopped stopped;

    /** @param job what it was at */
    private record Stopped(Worker worker, Job job) {}

    /** @param epoch of the last directive of the run; each worker that takes over has the next */
    Ordeal(
            Stand stand,
            TestDatabase database,
            Plan plan,
            Strikes strikes,
            Tally tally,
            AtomicLong epoch,
            RandomGenerator random) {
        this.stand = stand;
        this.database = database;
        this.plan = plan;
        this.strikes = strikes;
        this.tally = tally;
        this.epoch = epoch;
        this.random = random;
    }

    /** Where somebody was, in the order of the first time. */
    Set<Place> places() {
        return places;
    }

    void run(Direction direction) throws SQLException, IOException, InterruptedException {
        epoch.incrementAndGet();
        boolean through = false;
        while (!through) {
            stand.line().isAt(direction + " taking over");
            Job job = job(direction);
            stand.worker().begin(job);
            through = walk(job);
        }
        wakeStopped();
    }

    /** Goes forward to where it is struck, and nobody goes on. */
    void runUntilStruck() throws SQLException, IOException, InterruptedException {
        epoch.incrementAndGet();
        stand.line().isAt(Direction.FORWARD + " taking over");
        Job job = job(Direction.FORWARD);
        stand.worker().begin(job);
        assertThat(walk(job)).as("whether it came through").isFalse();
    }

    private Job job(Direction direction) {
        return new Job(
                stand.line().host(),
                stand.line().port(),
                database.name(),
                database.user(),
                database.password(),
                plan,
                direction,
                epoch.get());
    }

    /** Goes on to the end, or to where it is struck. */
    private boolean walk(Job job) throws SQLException, IOException, InterruptedException {
        while (true) {
            switch (stand.worker().next()) {
                case At at -> {
                    if (meets(at.place(), job)) {
                        return false;
                    }
                }
                case Ended ended -> {
                    if (ended.end() == End.DONE) {
                        return true;
                    }
                    assertThat(ended.end()).as(ended.why()).isEqualTo(End.LOST);
                    if (stand.line().wasCut()) {
                        tally.struck(Fault.CONNECTION_CUT);
                    } else {
                        assertThat(stand.line().mayHaveEndedTheNext())
                                .as(ended.why())
                                .isTrue();
                    }
                    return false;
                }
            }
        }
    }

    /** Whether it was struck there. */
    private boolean meets(Place place, Job job) throws SQLException, IOException, InterruptedException {
        places.add(place);
        stand.line().isAt(place.step() + " " + place.direction() + " " + place.what());
        Optional<Fault> fault = strikes.at(place);
        if (fault.isPresent()) {
            wakeStopped();
            strike(fault.get(), place, job);
            return true;
        }
        if (place.moment() == Moment.START && place.waitsForOthers()) {
            return meetsInside(place.at(Moment.INSIDE), job);
        }
        stand.worker().go();
        return false;
    }

    private boolean meetsInside(Place inside, Job job) throws SQLException, IOException, InterruptedException {
        Worker worker = stand.worker();
        try (OldTransaction old = OldTransaction.begin(database)) {
            worker.go();
            if (!old.isWaitedFor(worker::hasSaidSomething)) {
                return false; // there was nothing to be done
            }
            places.add(inside);
            Optional<Fault> fault = strikes.at(inside);
            if (fault.isPresent()) {
                wakeStopped();
                strike(fault.get(), inside, job);
            }
            return fault.isPresent();
        }
    }

    private void strike(Fault fault, Place place, Job job) throws SQLException, IOException, InterruptedException {
        switch (fault) {
            case SESSION_KILLED -> {
                killSession();
                losesWhatItHas(place);
            }
            case CONNECTION_CUT -> {
                cutConnection(place);
                losesWhatItHas(place);
                assertThat(stand.line().wasCut()).isTrue();
            }
            case SERVER_RESTARTED -> {
                stand.server().restartFast();
                losesWhatItHas(place);
            }
            case SERVER_CRASHED -> {
                stand.server().restart();
                losesWhatItHas(place);
            }
            case WORKER_KILLED -> {
                stand.replaceWorker();
                epoch.incrementAndGet();
            }
            case WORKER_STOPPED -> {
                stand.worker().pause();
                goOn(place); // it reads that when it is awake again
                stopped = new Stopped(stand.swapWorkers(), job);
                epoch.incrementAndGet();
            }
        }
        tally.struck(fault);
    }

    private void killSession() throws SQLException {
        database.ask("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE"
                + " datname = current_database() AND application_name LIKE 'fermata/%'");
    }

    private void cutConnection(Place place) {
        if (place.moment() == Moment.INSIDE) {
            stand.line().cut();
        } else {
            stand.line().cutAtNext(Cut.values()[random.nextInt(Cut.values().length)]);
        }
    }

    private void losesWhatItHas(Place place) throws IOException, InterruptedException {
        goOn(place);
        assertThat(stand.worker().next()).isInstanceOfSatisfying(Ended.class, ended -> assertThat(ended.end())
                .as(ended.why())
                .isEqualTo(End.LOST));
    }

    /** Inside of a statement nobody waits for a word. */
    private void goOn(Place place) throws IOException {
        if (place.moment() != Moment.INSIDE) {
            stand.worker().go();
        }
    }

    private void wakeStopped() throws IOException, InterruptedException {
        if (stopped == null) {
            return;
        }
        Worker woken = stopped.worker();
        woken.wake();
        assertThat(woken.next())
                .as("what a worker does that was stopped")
                .isInstanceOfSatisfying(
                        Ended.class,
                        ended -> assertThat(ended.end()).as(ended.why()).isIn(End.LOST, End.FENCED));
        woken.begin(stopped.job());
        assertThat(woken.next())
                .as("what it does when it comes back")
                .isInstanceOfSatisfying(
                        Ended.class,
                        ended -> assertThat(ended.end()).as(ended.why()).isEqualTo(End.FENCED));
        stopped = null;
    }
}
