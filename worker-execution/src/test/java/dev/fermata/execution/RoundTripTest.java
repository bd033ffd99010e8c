package dev.fermata.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.step.StepListener;
import dev.fermata.execution.step.StepResult;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
class RoundTripTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final RunId OTHER = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CC/shop");
    private static final QualifiedName ITEMS = new QualifiedName("public", "items");
    private static SqlParser parser;

    private TestDatabase database;
    private TargetDatabase target;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    @BeforeEach
    void create() throws SQLException {
        database = RealPostgres.shared()
                .newDatabase(List.of(
                        "CREATE TABLE items (id integer PRIMARY KEY, name text, amount integer NOT NULL DEFAULT 7,"
                                + " CONSTRAINT amount_known CHECK (amount IS NOT NULL))",
                        "INSERT INTO items SELECT n, 'item ' || n, n FROM generate_series(1, 12000) AS n",
                        "CREATE INDEX items_name ON items (name)",
                        "ALTER TABLE items ADD CONSTRAINT small CHECK (amount < 1000000) NOT VALID",
                        "CREATE TABLE keyless (a integer)",
                        "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'",
                        "ANALYZE items, keyless"));
        target = new TargetDatabase(new TargetAddress(
                "shop",
                RealPostgres.shared().host(),
                RealPostgres.shared().port(),
                database.name(),
                database.user(),
                Password.of(database.password()),
                "test"));
    }

    @AfterEach
    void drop() {
        database.close();
    }

    private Plan plan(String change) throws PlanRefusedException {
        return plan(WorkOrder.of("n", "ada", List.of("shop"), change, null));
    }

    private Plan plan(WorkOrder order) throws PlanRefusedException {
        return new Drafting(new Planner(parser)).draft(target, RUN, 1, order).plan();
    }

    private CatalogSnapshot catalog() throws SQLException {
        try (Connection connection = target.open(Session.reader("test"))) {
            return CatalogSnapshot.read(connection);
        }
    }

    private ContentChecksum contents() throws SQLException {
        try (Connection connection = target.open(Session.reader("test"))) {
            return ContentChecksum.of(connection, ITEMS);
        }
    }

    private void run(Plan plan, Direction direction) throws Exception {
        Heard heard = new Heard();
        Scope scope = new Scope(plan.runId(), plan.revision(), 1, plan.digest());
        try (TargetSession session = TargetSession.takeOver(target, scope, Duration.ofSeconds(5), () -> {});
                Connection observer = target.open(Session.reader("observer"))) {
            PlanRunner runner = new PlanRunner(plan, session, observer, heard, new SplittableRandom(1));
            if (direction == Direction.FORWARD) {
                runner.forward();
            } else {
                runner.back();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE items ADD COLUMN note text NOT NULL DEFAULT ''",
                "ALTER TABLE items VALIDATE CONSTRAINT small",
                "ALTER TABLE items ADD COLUMN a int, ADD COLUMN b int, ALTER COLUMN name SET NOT NULL",
                "CREATE UNIQUE INDEX items_amount ON items (amount) WHERE amount > 5",
                "CREATE TABLE more (id int PRIMARY KEY, item int REFERENCES items); CREATE INDEX more_item ON more"
                        + " (item); INSERT INTO more VALUES (1, 1); UPDATE more SET id = 2",
                "CREATE TRIGGER touched BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION touch()",
                "UPDATE items SET amount = amount + 1",
                "UPDATE items AS i SET name = upper(name), amount = 0 WHERE i.id % 3 = 0 OR name LIKE '%1'",
                "DELETE FROM items WHERE id > 6000",
                "ALTER TABLE items ADD COLUMN flag boolean; UPDATE items SET flag = true WHERE amount > 100",
            })
    void everyChangeGoesForwardAndBackAndForwardAgain(String change) throws Exception {
        CatalogSnapshot before = catalog();
        ContentChecksum contentsBefore = contents();
        Plan plan = plan(change);
        assertThat(plan(change).digest())
                .as("the same input gives the same plan")
                .isEqualTo(plan.digest());
        run(plan, Direction.FORWARD);
        String after = catalog().fingerprint();
        run(plan, Direction.FORWARD); // a directive that comes twice changes nothing
        assertThat(catalog().fingerprint()).isEqualTo(after);
        run(plan, Direction.BACK);
        assertThat(CatalogDiff.between(before, catalog()).describe()).isEmpty();
        assertThat(contents()).isEqualTo(contentsBefore);
        run(plan, Direction.FORWARD);
        assertThat(catalog().fingerprint()).isEqualTo(after);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE items ADD COLUMN note text NOT NULL DEFAULT gen_random_uuid()",
                "ALTER TABLE items DROP COLUMN name",
                "ALTER TABLE items ALTER COLUMN amount TYPE bigint",
                "UPDATE items SET amount = amount + 1",
                "DELETE FROM items WHERE id > 6000",
                "CREATE TABLE more (id int PRIMARY KEY, item int REFERENCES items)",
                "DROP TABLE keyless",
            })
    void aRevertIsRevertedByPostingTheChangeOnceMoreAndThatIsTakenBackToo(String change) throws Exception {
        CatalogSnapshot before = catalog();
        Plan first = plan(change);
        run(first, Direction.FORWARD);
        String after = catalog().fingerprint();
        database.execute("INSERT INTO items (id) VALUES (20000)");
        run(first, Direction.BACK);
        ContentChecksum contents = contents();
        WorkOrder order = WorkOrder.of("n", "ada", List.of("shop"), change, null);
        Plan second =
                new Drafting(new Planner(parser)).draft(target, RUN, 2, order).plan();
        run(second, Direction.FORWARD);
        assertThat(catalog().fingerprint()).isEqualTo(after);
        run(second, Direction.BACK);
        assertThat(CatalogDiff.between(before, catalog()).describe()).isEmpty();
        assertThat(contents()).isEqualTo(contents);
        assertThat(database.ask("SELECT count(*) FROM items WHERE id = 20000")).isEqualTo("1");
    }

    @Test
    void whatWasWrittenBeforeARevertIsBroughtBackByAChangeOfItsOwn() throws Exception {
        Plan first =
                plan("ALTER TABLE items ADD COLUMN \"Note\" text; CREATE TABLE more (id int PRIMARY KEY, \"Of\" int)");
        run(first, Direction.FORWARD);
        database.execute("INSERT INTO items (id, \"Note\") VALUES (20000, 'hers')", "INSERT INTO more VALUES (1, 2)");
        run(first, Direction.BACK);
        String column = database.ask("SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = 'items'::regclass"
                + " AND attname LIKE 'fermata_attic%' AND NOT attisdropped");
        String table =
                database.ask("SELECT quote_ident(relname) FROM pg_class WHERE relname LIKE '%more' AND relkind = 'r'");

        WorkOrder order = WorkOrder.of(
                "n",
                "ada",
                List.of("shop"),
                "ALTER TABLE items ADD COLUMN \"Note\" text; CREATE TABLE more (id int PRIMARY KEY, \"Of\" int);"
                        + " UPDATE items SET \"Note\" = " + column + " WHERE " + column + " IS NOT NULL;"
                        + " INSERT INTO more SELECT * FROM fermata_attic." + table,
                null);
        Plan second =
                new Drafting(new Planner(parser)).draft(target, OTHER, 1, order).plan();
        run(second, Direction.FORWARD);
        assertThat(database.ask("SELECT string_agg(id || \"Note\", '') FROM items WHERE \"Note\" IS NOT NULL"))
                .isEqualTo("20000hers");
        assertThat(database.ask("SELECT string_agg(id || ':' || \"Of\", '') FROM more"))
                .isEqualTo("1:2");
        run(second, Direction.BACK);
        assertThat(database.ask("SELECT count(*) FROM pg_attribute WHERE attrelid = 'items'::regclass AND attname LIKE"
                        + " 'fermata_attic%Note' AND NOT attisdropped"))
                .as("what the first run keeps stays")
                .isEqualTo("2");
    }

    @Test
    void whatRestsWithItsTypeIsPurgedAndBroughtBackToo() throws Exception {
        database.execute("CREATE TYPE mood AS ENUM ('happy', 'sad')", "CREATE TABLE more (id int PRIMARY KEY, m mood)");
        Plan first = plan("DROP TABLE more; DROP TYPE mood");
        run(first, Direction.FORWARD);
        String table = "fermata_attic."
                + database.ask("SELECT relname FROM pg_class WHERE relname LIKE '%more' AND relkind = 'r'");
        String type = "fermata_attic." + database.ask("SELECT typname FROM pg_type WHERE typname ~ '^[^_].*_mood$'");
        Plan second = plan("CREATE TABLE more (id int PRIMARY KEY, m text); INSERT INTO more SELECT id, m::text FROM "
                + table + "; DROP TABLE " + table + "; DROP TYPE " + type);
        run(second, Direction.FORWARD);
        assertThat(database.ask("SELECT to_regclass('" + table + "') IS NULL AND to_regtype('" + type + "') IS NULL"))
                .isIn("t", "true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO items (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'x'",
                "UPDATE keyless SET a = 1",
                "DELETE FROM items RETURNING id",
                "MERGE INTO items AS i USING keyless AS k ON i.id = k.a WHEN MATCHED THEN DELETE",
                "DO $$ BEGIN DELETE FROM items; END $$",
                "SELECT pg_advisory_lock(1)",
                "SELECT set_config('role', 'postgres', false)",
                "SET search_path = other",
                "SET ROLE postgres",
                "BEGIN; ALTER TABLE items ADD COLUMN x int; COMMIT",
                "COMMIT",
                "ALTER SYSTEM SET fsync = off",
                "CREATE ROLE somebody",
                "CREATE TEMP TABLE t (a int)",
                "COPY items FROM PROGRAM 'true'",
                "ALTER TABLE items ADD COLUMN name text",
                "ALTER TABLE nowhere ADD COLUMN a int",
                "SELECT 1; ALTER TABEL x",
            })
    void whatCannotBeTakenBackOrDoneExactlyOnceIsRefusedWithoutAnAuthorsRollback(String change) {
        assertThatThrownBy(() -> plan(change)).isInstanceOf(PlanRefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN; ALTER TABLE items DROP COLUMN x; COMMIT",
                "ALTER TABLE items DROP COLUMN x; COMMIT",
                "SET ROLE postgres; ALTER TABLE items DROP COLUMN x",
                "COPY items TO PROGRAM 'true'",
                "SELECT pg_terminate_backend(1)",
            })
    void anAuthorsRollbackMayDoNoMoreThanAChange(String rollback) {
        assertThatThrownBy(() -> plan(
                        WorkOrder.of("n", "ada", List.of("shop"), "ALTER TABLE items ADD COLUMN x integer", rollback)))
                .isInstanceOfSatisfying(PlanRefusedException.class, e -> {
                    assertThat(e.failure().code()).isEqualTo("statement-not-allowed");
                    assertThat(e.failure().message()).contains("may not be part of a rollback");
                });
    }

    @Test
    void everyStepHasAQueryThatTellsWhetherItIsDone() throws Exception {
        Plan plan = plan("""
            ALTER TABLE items ADD COLUMN note text;
            UPDATE items SET name = 'changed' WHERE id <= 10;
            CREATE INDEX items_note ON items (note);
            ALTER TABLE items ADD CONSTRAINT named CHECK (name <> '')\
            """);
        assertThat(plan.steps()).hasSizeGreaterThan(4).allSatisfy(step -> {
            assertThat(step.verify()).isNotEmpty();
        });
        try (Connection connection = target.open(Session.writer("test"))) {
            Ledger.create(connection);
        }
        assertThat(verified(plan)).containsOnly("f");
        run(plan, Direction.FORWARD);
        assertThat(verified(plan)).containsOnly("t");
        run(plan, Direction.BACK);
        assertThat(verified(plan)).containsOnly("f");
    }

    private List<String> verified(Plan plan) throws SQLException {
        List<String> answers = new ArrayList<>();
        for (Step step : plan.steps()) {
            for (String query : step.verify()) {
                answers.add(database.ask(query));
            }
        }
        return answers;
    }

    @Test
    void whatWasKeptForAnotherPlanIsNotTakenForThisOnes() throws Exception {
        Scope first = new Scope(RUN, 1, 1, "sha256:first");
        Scope second = new Scope(RUN, 1, 2, "sha256:second");
        keep(first, "what the first found");
        assertThat(kept(second)).isEmpty();
        keep(second, "what the second found");
        assertThat(kept(second)).contains("what the second found");
    }

    private void keep(Scope scope, String text) throws Exception {
        try (TargetSession session = TargetSession.takeOver(target, scope, Duration.ofSeconds(5), () -> {})) {
            session.change(connection -> {
                new Ledger(scope).keep(connection, Ledger.Note.BEFORE, text);
            });
        }
    }

    private Optional<String> kept(Scope scope) throws SQLException {
        try (Connection connection = target.open(Session.reader("test"))) {
            return new Ledger(scope).note(connection, Ledger.Note.BEFORE);
        }
    }

    @Test
    void aRollbackKeepsWhatTheApplicationWroteMeanwhile() throws Exception {
        Plan plan = plan("UPDATE items SET name = 'changed' WHERE id <= 10");
        assertThat(plan.steps().get(0).kind()).isEqualTo(StepKind.BATCHES);
        run(plan, Direction.FORWARD);
        database.execute("UPDATE items SET name = 'by the application' WHERE id = 3");
        run(plan, Direction.BACK);
        assertThat(database.askAll("SELECT name FROM items WHERE id IN (2, 3, 4) ORDER BY id"))
                .containsExactly("item 2", "by the application", "item 4");
    }

    @Test
    void whatCannotBeTakenBackByItselfRunsInOneTransactionButForWhatMustNot() throws Exception {
        database.execute("CREATE TYPE mood AS ENUM ('happy')", "ALTER TABLE keyless ADD COLUMN feeling mood");
        Plan plan = plan(WorkOrder.of(
                "n",
                "ada",
                List.of("shop"),
                "ALTER TABLE items ADD COLUMN x int; UPDATE keyless SET a = 1; ALTER TABLE items ADD CONSTRAINT few"
                        + " CHECK (amount < 100000); ALTER TABLE items ADD COLUMN y int; UPDATE keyless SET a = 2;"
                        + " ALTER TYPE mood ADD VALUE 'sad'; UPDATE keyless SET feeling = 'sad'",
                "ALTER TABLE items DROP CONSTRAINT few, DROP COLUMN x, DROP COLUMN y"));
        assertThat(plan.steps())
                .extracting(step -> step.sql().size()
                        + (step.inverse() == null ? " " : " can be taken back, ")
                        + (step.online() ? "online" : "blocks"))
                .containsExactly(
                        "1 can be taken back, online", // x
                        "2 blocks", // a = 1, NOT VALID
                        "1 can be taken back, online", // VALIDATE
                        "1 can be taken back, online", // y
                        "2 blocks", // a = 2, the value
                        "1 blocks"); // its use
        CatalogSnapshot before = catalog();
        run(plan, Direction.FORWARD);
        run(plan, Direction.BACK);
        assertThat(CatalogDiff.between(before, catalog()).changed()).containsOnlyKeys("type public.mood");
    }

    @Test
    void aStepThatDoesNotGetItsLockGivesWayAndSaysWhoWasInTheWay() throws Exception {
        WorkOrder order = WorkOrder.of("n", "ada", List.of("shop"), "ALTER TABLE items ADD COLUMN x int", null)
                .with(new WorkOrder.Lock(Duration.ofMillis(200), 2));
        Plan plan = plan(order);
        try (Connection reader = database.connect()) {
            reader.setAutoCommit(false);
            reader.createStatement().execute("SELECT set_config('application_name', 'a long report', false)");
            reader.createStatement().execute("SELECT count(*) FROM items");
            assertThatThrownBy(() -> run(plan, Direction.FORWARD))
                    .isInstanceOfSatisfying(StepFailedException.class, e -> {
                        assertThat(e.failure().code()).isEqualTo("lock-not-available");
                        assertThat(e.failure().retryable()).isTrue();
                        assertThat(e.failure().message()).contains("a long report", "2 attempts of up to 200 ms");
                    });
            reader.rollback();
        }
        run(plan, Direction.FORWARD);
    }

    @Test
    void aWorkerThatWasFencedOffWritesNothingMore() throws Exception {
        Plan plan = plan("ALTER TABLE items ADD COLUMN x int");
        Scope early = new Scope(RUN, 1, 1, plan.digest());
        Scope late = new Scope(RUN, 1, 2, plan.digest());
        try (TargetSession first = TargetSession.takeOver(target, early, Duration.ofSeconds(5), () -> {})) {
            try (TargetSession second = TargetSession.takeOver(target, late, Duration.ofSeconds(5), () -> {})) {
                assertThatThrownBy(() ->
                                first.change(c -> c.createStatement().execute("CREATE TABLE by_a_zombie (a int)")))
                        .isInstanceOf(SQLException.class);
                second.change(c -> c.createStatement().execute("CREATE TABLE by_the_owner (a int)"));
            }
        }
        assertThatThrownBy(() -> TargetSession.takeOver(target, early, Duration.ofSeconds(5), () -> {}))
                .hasMessageContaining("fenced off");
        assertThat(database.ask(
                        "SELECT to_regclass('by_a_zombie') IS NULL AND to_regclass('by_the_owner') IS NOT NULL"))
                .isIn("t", "true");
    }

    /** Remembers nothing but that something was heard. */
    private static final class Heard implements StepListener {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void started(int step, Direction direction, int attempt, String what) {
            lines.add("started " + step);
        }

        @Override
        public void progressed(int step, Direction direction, long done, long total) {
            lines.add("progressed " + step);
        }

        @Override
        public void blocked(
                int step, Direction direction, int attempt, int attempts, Duration retryIn, List<Blocker> blockers) {
            lines.add("blocked " + step);
        }

        @Override
        public void completed(int step, Direction direction, StepResult result) {
            lines.add("completed " + step);
        }

        @Override
        public void checkPoint() {}
    }
}
