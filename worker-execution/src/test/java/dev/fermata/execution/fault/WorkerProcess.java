package dev.fermata.execution.fault;

import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.execution.fault.Arrival.End;
import dev.fermata.execution.fault.Place.Moment;
import dev.fermata.execution.ledger.FencedException;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.step.StepListener;
import dev.fermata.execution.step.StepResult;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.Trouble;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A worker as a process of its own. Runs the plan of each {@link Job} that it reads, in one session; at each place it says
 * so and waits for a line. What every transaction did to the ledger it leaves in {@code fermata.witness}, in that very
 * transaction.
 */
final class WorkerProcess implements StepListener {
    private static final String TESTIFY = """
        INSERT INTO fermata.witness SELECT direction, step, state, coalesce(checkpoint, '') FROM fermata.ledger
        WHERE xmin = pg_current_xact_id()::xid
        """;

    private final BufferedReader in;
    private Place at = new Place(0, Direction.FORWARD, "", Moment.START);
    private int commits;

    private WorkerProcess(BufferedReader in) {
        this.in = in;
    }

    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        WorkerProcess worker = new WorkerProcess(in);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            say(worker.run(Json.mapper().readValue(line, Job.class)));
        }
    }

    private static void say(Arrival arrival) {
        System.out.println(Arrival.line(arrival));
        System.out.flush();
    }

    private Arrival.Ended run(Job job) {
        try (TargetSession session =
                        TargetSession.takeOver(job.target(), job.scope(), Duration.ofSeconds(10), () -> {});
                Connection control = job.target().open(Session.reader("observer"))) {
            PlanRunner runner = new PlanRunner(job.plan(), session, control, this, new SplittableRandom(1));
            if (job.direction() == Direction.FORWARD) {
                runner.forward();
            } else {
                runner.back();
            }
            return new Arrival.Ended(End.DONE, "-");
        } catch (FencedException e) {
            return new Arrival.Ended(End.FENCED, String.valueOf(e.getMessage()));
        } catch (SQLException e) {
            return lost(Trouble.of(e), e);
        } catch (TargetException e) {
            return lost(e.trouble(), e);
        } catch (StepFailedException | InterruptedException | RuntimeException e) {
            return new Arrival.Ended(End.FAILED, e.toString());
        }
    }

    private static Arrival.Ended lost(Trouble trouble, Exception e) {
        return new Arrival.Ended(trouble == Trouble.CONNECTION_LOST ? End.LOST : End.FAILED, e.toString());
    }

    private void arrive(Place place) {
        say(new Arrival.At(place));
        try {
            if (in.readLine() == null) {
                throw new IllegalStateException("nobody is there to say go");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void started(int step, Direction direction, int attempt, String what) {
        at = new Place(step, direction, what, Moment.START);
        commits = 0;
        arrive(at);
    }

    @Override
    public void committing(int step, Direction direction, Connection connection) throws SQLException {
        try (Statement insert = connection.createStatement()) {
            insert.execute(TESTIFY);
        }
        commits++;
        arrive(at.at(commits == 1 ? Moment.COMMIT : Moment.LATER_COMMIT));
    }

    @Override
    public void progressed(int step, Direction direction, long done, long total) {}

    @Override
    public void blocked(
            int step, Direction direction, int attempt, int attempts, Duration retryIn, List<Blocker> blockers) {}

    @Override
    public void completed(int step, Direction direction, StepResult result) {}

    @Override
    public void checkPoint() {}
}
