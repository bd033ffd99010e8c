package dev.fermata.execution;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.execution.step.StepListener;
import dev.fermata.execution.step.StepResult;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A small shop with a bit of everything, on the real server. */
public final class SampleDatabase implements AutoCloseable {
    private static final List<String> SHOP = List.of(SampleChanges.SCHEMA.split(";;\n"));
    private static final Pattern COLUMNS = Pattern.compile("columns \\(([^)]*)\\)");

    private final TestDatabase database;
    private final TargetDatabase target;

    private SampleDatabase(TestDatabase database, TargetDatabase target) {
        this.database = database;
        this.target = target;
    }

    static SampleDatabase create() throws SQLException {
        return create(RealPostgres.shared());
    }

    /** Without the shop, for tests that bring their own tables: each plan then has less to copy. */
    static SampleDatabase createEmpty() throws SQLException {
        TestDatabase database = RealPostgres.shared().newDatabase();
        return new SampleDatabase(database, target(RealPostgres.shared(), database));
    }

    public static SampleDatabase create(RealPostgres server) throws SQLException {
        TestDatabase database = server.newDatabase(SHOP);
        return new SampleDatabase(database, target(server, database));
    }

    /** For a user who is a member of the owner, and acts as the owner. */
    static SampleDatabase createForMember() throws SQLException {
        TestDatabase database = RealPostgres.shared().newDatabase(SHOP);
        return new SampleDatabase(database, member(database));
    }

    /** The database for a new user, who acts as its owner. The owner may not create databases any more. */
    public static TargetDatabase member(TestDatabase database) throws SQLException {
        String user = database.newUser();
        RealPostgres.shared()
                .execute(
                        "GRANT " + database.user() + " TO " + user + " WITH INHERIT TRUE, SET TRUE",
                        "ALTER ROLE " + database.user() + " NOCREATEDB");
        return new TargetDatabase(target(RealPostgres.shared(), database)
                .address()
                .as(user, Password.of(database.password()))
                .withRole(database.user()));
    }

    /** The same database for a role that its user may act as. Close one of the two. */
    SampleDatabase actingAs(String role) {
        return new SampleDatabase(database, new TargetDatabase(target.address().withRole(role)));
    }

    private static TargetDatabase target(RealPostgres server, TestDatabase database) {
        return new TargetDatabase(new TargetAddress(
                "shop",
                server.host(),
                server.port(),
                database.name(),
                database.user(),
                Password.of(database.password()),
                "test"));
    }

    public TargetDatabase target() {
        return target;
    }

    public TestDatabase database() {
        return database;
    }

    /** Statement by statement, each in a transaction of its own, as psql does. */
    public void runAsWritten(String change) throws SQLException {
        database.execute(change.split(";;\n"));
    }

    /** The catalog and the rows of every table, whatever the order of columns. */
    public List<String> looks() throws SQLException {
        List<String> looks = new ArrayList<>();
        try (Connection connection = target.open(Session.reader("test"))) {
            List<String> tables = new ArrayList<>();
            CatalogSnapshot.read(connection).definitions().forEach((identity, definition) -> {
                looks.add(identity + ": " + sortedColumns(definition).replace(database.user(), "OWNER"));
                if (identity.startsWith("table ") && !definition.contains("partition by")) {
                    tables.add(identity.substring("table ".length()));
                }
            });
            for (String table : tables) {
                looks.add(table + " has " + rows(connection, table));
            }
        }
        return looks;
    }

    private static String rows(Connection connection, String table) throws SQLException {
        String columns = ask(
                connection,
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attname) FROM pg_attribute WHERE attrelid = '"
                        + table.replace("'", "''") + "'::regclass AND attnum > 0 AND NOT attisdropped AND attname !~"
                        + " '^fermata_attic_' AND attname !~ 'at_random'");
        return ask(
                connection,
                "SELECT count(*) || ' rows ' || coalesce(sum(hashtextextended(r, 0)::numeric), 0) FROM (SELECT ROW("
                        + columns + ")::text AS r FROM ONLY " + table + ") AS x");
    }

    private static String ask(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    /** What is only in the first with a minus, what is only in the second with a plus. */
    public static List<String> differences(List<String> first, List<String> second) {
        List<String> differences = new ArrayList<>();
        first.stream().filter(line -> !second.contains(line)).forEach(line -> differences.add("- " + line));
        second.stream().filter(line -> !first.contains(line)).forEach(line -> differences.add("+ " + line));
        return differences;
    }

    private static String sortedColumns(String definition) {
        Matcher matcher = COLUMNS.matcher(definition);
        return matcher.find()
                ? matcher.replaceFirst(Matcher.quoteReplacement("columns ("
                        + String.join(
                                ", ",
                                Arrays.stream(matcher.group(1).split(", "))
                                        .sorted()
                                        .toList()) + ")"))
                : definition;
    }

    public List<String> leftInvalid() throws SQLException {
        return database.askAll("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid");
    }

    /** Clones and scratch databases of its owner. */
    public List<String> leftDatabases() throws SQLException {
        return database.askAll("SELECT datname FROM pg_database WHERE datname LIKE 'fermata%' AND"
                + " pg_get_userbyid(datdba) = current_user");
    }

    void run(Plan plan, Direction direction) throws Exception {
        run(plan, direction, () -> {});
    }

    /** @param between what happens after each step */
    void run(Plan plan, Direction direction, Runnable between) throws Exception {
        run(plan, direction == Direction.FORWARD ? PlanRunner::forward : PlanRunner::back, new Deaf(between, () -> {}));
    }

    /** @param beforeEach what happens before each step and each batch */
    void runBatches(Plan plan, Runnable beforeEach) throws Exception {
        run(plan, PlanRunner::forward, new Deaf(() -> {}, beforeEach));
    }

    /** Up to where the plan waits. */
    void expand(Plan plan) throws Exception {
        run(plan, PlanRunner::expand, new Deaf(() -> {}, () -> {}));
    }

    /** What waited. */
    void contract(Plan plan) throws Exception {
        run(plan, PlanRunner::contract, new Deaf(() -> {}, () -> {}));
    }

    /** A part of the plan. */
    private interface Way {
        void go(PlanRunner runner) throws Exception;
    }

    private void run(Plan plan, Way way, StepListener listener) throws Exception {
        try (TargetSession session = TargetSession.takeOver(
                        target,
                        new Scope(plan.runId(), plan.revision(), 1, plan.digest()),
                        Duration.ofSeconds(5),
                        () -> {});
                Connection observer = target.open(Session.reader("observer"))) {
            way.go(new PlanRunner(plan, session, observer, listener, new SplittableRandom(1)));
        }
    }

    @Override
    public void close() {
        database.close();
    }

    /** Whoever listens here hears nothing but when a step has ended and when one, or a batch, begins. */
    private static final class Deaf implements StepListener {
        private final Runnable between;
        private final Runnable beforeEach;

        Deaf(Runnable between, Runnable beforeEach) {
            this.between = between;
            this.beforeEach = beforeEach;
        }

        @Override
        public void started(int step, Direction direction, int attempt, String what) {}

        @Override
        public void progressed(int step, Direction direction, long done, long total) {}

        @Override
        public void blocked(
                int step, Direction direction, int attempt, int attempts, Duration retryIn, List<Blocker> blockers) {}

        @Override
        public void completed(int step, Direction direction, StepResult result) {
            between.run();
        }

        @Override
        public void checkPoint() {
            beforeEach.run();
        }
    }
}
