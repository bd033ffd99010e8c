package dev.fermata.execution.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.SampleDatabase;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Half of the classic migrations, forward and back, with the session killed at every place, and two of the other faults at one
 * place of each, and taken back from inside of what is cut off. With {@code -Dfermata.faults=all} every fault comes at every
 * place of all of them, and the line is cut at everything that is asked, before it arrives, while it runs, and before the
 * answer. The seed chooses migrations, faults and places; {@code -Dfermata.test.seed=N} pins it.
 */
@Execution(ExecutionMode.CONCURRENT)
class FaultMatrixTest {
    /** How many of the other faults a migration meets by default. */
    private static final int OTHERS = 2;

    /** How many of the migrations a run takes by default. */
    private static final int AT_A_TIME = 8;

    private static final List<String> MIGRATIONS = List.of(
            "ALTER TABLE orders ADD COLUMN tag text",
            "ALTER TABLE orders ADD COLUMN flag integer NOT NULL DEFAULT 0",
            "ALTER TABLE orders ADD COLUMN token_at_random uuid NOT NULL DEFAULT gen_random_uuid()",
            "ALTER TABLE orders ALTER COLUMN note SET NOT NULL",
            "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0)",
            "ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id)",
            "ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE (code)",
            "CREATE INDEX orders_placed ON orders (placed)",
            "ALTER TABLE customers ALTER COLUMN id TYPE bigint",
            "ALTER TABLE orders ALTER COLUMN price TYPE numeric(12, 3)",
            "ALTER TABLE orders RENAME COLUMN note TO remark",
            "ALTER TABLE orders DROP COLUMN note",
            "ALTER TABLE orders ALTER COLUMN code TYPE text",
            "UPDATE orders SET note = note || '!'",
            "DROP TABLE orders CASCADE",
            "DROP INDEX orders_customer");

    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final boolean ALL = "all".equals(System.getProperty("fermata.faults"));
    private static final long SEED = Long.getLong("fermata.test.seed", new SecureRandom().nextLong());
    private static final BlockingQueue<Stand> STANDS = new LinkedBlockingQueue<>();
    private static final Tally TALLY = new Tally();
    private static final int SIDE_BY_SIDE = 2;

    private static SqlParser parser;

    @BeforeAll
    static void open() throws IOException {
        parser = new SqlParser(SIDE_BY_SIDE);
        for (int i = 0; i < SIDE_BY_SIDE; i++) {
            STANDS.add(Stand.create());
        }
    }

    @AfterAll
    static void close() throws IOException, InterruptedException {
        parser.close();
        for (Stand stand : STANDS) {
            stand.close();
        }
        System.out.println("fault matrix, seed " + SEED + ": " + TALLY);
    }

    static Stream<String> changes() {
        List<String> changes = new ArrayList<>(MIGRATIONS);
        if (!ALL) {
            Collections.shuffle(changes, new Random(SEED));
        }
        return changes.stream().limit(ALL ? changes.size() : AT_A_TIME);
    }

    @ParameterizedTest
    @MethodSource("changes")
    void whateverBefallsWhoeverGoesOnEndsRight(String change) throws Exception {
        Stand stand = STANDS.take();
        boolean free = false;
        try {
            endsRight(stand, change);
            free = true;
        } finally {
            if (!free) { // its worker may be anywhere
                stand.close();
            }
            STANDS.add(free ? stand : Stand.create());
        }
    }

    private static void endsRight(Stand stand, String change) throws Exception {
        try (SampleDatabase asWritten = SampleDatabase.create(stand.server());
                SampleDatabase struck = SampleDatabase.create(stand.server())) {
            Plan plan = new Drafting(new Planner(parser))
                    .draft(struck.target(), RUN, 1, WorkOrder.of("n", "ada", List.of("shop"), change, null))
                    .plan();
            asWritten.runAsWritten(change);
            Story story =
                    Story.of(stand, struck, plan, new SplittableRandom(SEED ^ change.hashCode()), asWritten.looks());
            Tally killed = story.tell(Strikes.everywhere(Fault.SESSION_KILLED));
            assertThat(killed.all()).isGreaterThanOrEqualTo(story.places().size());
            assertThat(story.places())
                    .hasSizeGreaterThanOrEqualTo(2 * plan.steps().size());
            TALLY.add(killed);
            takenBack(story, new Random(SEED ^ change.hashCode()));
            if (ALL) {
                everythingElse(story);
                System.out.println("so far " + TALLY + ": " + change);
            } else {
                someOfTheOthers(story, new Random(SEED ^ change.hashCode()));
            }
        }
    }

    /** From inside of what is outside of transactions, and from one place more. */
    private static void takenBack(Story story, Random random) throws Exception {
        List<Place> forward = story.places().stream()
                .filter(place -> place.direction() == Direction.FORWARD)
                .toList();
        Place another = forward.get(random.nextInt(forward.size()));
        for (Place place : forward) {
            if (ALL || place.moment() == Place.Moment.INSIDE || place.equals(another)) {
                TALLY.add(story.tellTakenBack(place));
            }
        }
    }

    private static void someOfTheOthers(Story story, Random random) throws Exception {
        List<Place> places = new ArrayList<>(story.places());
        Collections.shuffle(places, random);
        List<Fault> all = new ArrayList<>(List.of(Fault.values()));
        all.remove(Fault.SESSION_KILLED);
        Collections.shuffle(all, random);
        List<Fault> others = all.subList(0, OTHERS);
        for (int done = 0; done < others.size(); ) { // a small plan has not a place for each
            Map<Place, Fault> chosen = new HashMap<>();
            for (int i = 0; i < places.size() && done < others.size(); i++, done++) {
                chosen.put(places.get(i), others.get(done));
            }
            Tally tally = story.tell(Strikes.at(chosen));
            assertThat(tally.all()).as("struck at " + chosen).isEqualTo(chosen.size());
            TALLY.add(tally);
        }
    }

    private static void everythingElse(Story story) throws Exception {
        for (Fault fault : Fault.values()) {
            if (fault != Fault.SESSION_KILLED && fault != Fault.CONNECTION_CUT) {
                Tally tally = story.tell(Strikes.everywhere(fault));
                assertThat(tally.all()).isGreaterThanOrEqualTo(story.places().size());
                TALLY.add(tally);
            }
        }
        Set<String> cut = ConcurrentHashMap.newKeySet();
        Tally tally = story.tellCut(asked -> Stream.of(Cut.values())
                .filter(how -> cut.add(how + " " + asked))
                .findFirst());
        assertThat(tally.all())
                .isGreaterThanOrEqualTo(Cut.values().length * story.places().size());
        TALLY.add(tally);
    }
}
