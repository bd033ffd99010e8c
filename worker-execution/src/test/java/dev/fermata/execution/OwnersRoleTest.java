package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.order.WorkOrder.BackupMode;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.execution.backup.Backup;
import dev.fermata.execution.backup.BackupConfig;
import dev.fermata.execution.backup.Backups;
import dev.fermata.execution.guard.Guard;
import dev.fermata.execution.guard.TopQueries;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.rehearsal.Clone;
import dev.fermata.execution.rehearsal.CloneProviders;
import dev.fermata.execution.rehearsal.Rehearsal;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Logged in as a user who owns nothing, and is a member of who owns everything. */
@Execution(ExecutionMode.CONCURRENT)
class OwnersRoleTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final String CHANGE = """
        CREATE TABLE returns (id integer PRIMARY KEY, item integer REFERENCES orders);
        CREATE INDEX orders_price_idx ON orders (price);
        ALTER TABLE orders ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();
        ALTER TABLE orders ALTER COLUMN price TYPE numeric(14, 3);
        ALTER TABLE orders DROP COLUMN note;
        """;
    private static SqlParser parser;

    private SampleDatabase shop;

    @BeforeAll
    static void startParser() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void stopParser() {
        parser.close();
    }

    @BeforeEach
    void create() throws SQLException {
        shop = SampleDatabase.createForMember();
    }

    @AfterEach
    void drop() throws SQLException {
        try (SampleDatabase closed = shop) {
            assertThat(ofTheUser(closed)).as("what belongs to the user").isEqualTo("0");
        }
    }

    private static String ofTheUser(SampleDatabase shop) throws SQLException {
        return shop.database()
                .ask("SELECT count(*) FROM pg_shdepend WHERE deptype = 'o' AND refobjid = '"
                        + shop.target().address().user() + "'::regrole");
    }

    private Planner.Planned plan(TargetDatabase target) throws Exception {
        return new Drafting(new Planner(parser))
                .draft(target, RUN, 1, WorkOrder.of("n", "ada", List.of("shop"), CHANGE, null));
    }

    private RehearsalReport rehearse(Planner.Planned planned, WorkOrder.Clone kind) throws Exception {
        TargetDatabase target = shop.target();
        Plan plan = planned.plan();
        Set<QualifiedName> tables = Set.of(new QualifiedName("public", "orders"));
        try (Clone clone = Clone.make(target, RUN, new CloneProviders(1L << 30, 20, Map.of()).choose(kind, target));
                Connection connection = target.open(Session.reader("test"))) {
            return new Rehearsal(
                            clone,
                            plan,
                            new Scope(RUN, 1, 1, plan.digest()),
                            planned.statements(),
                            List.of(),
                            new Rehearsal.Touched(tables, TableStats.all(connection)),
                            new Guard(TopQueries.read(connection), tables, parser, true),
                            new SplittableRandom(1),
                            () -> {})
                    .run();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = WorkOrder.Clone.class,
            names = {"SAMPLE", "TEMPLATE"})
    void aChangeIsRehearsed(WorkOrder.Clone kind) throws Exception {
        RehearsalReport report = rehearse(plan(shop.target()), kind);
        assertThat(report.failure()).isNull();
        assertThat(report.passed()).isTrue();
        assertThat(report.equivalence()).satisfies(found -> {
            assertThat(found.compared()).isTrue();
            assertThat(found.differences()).isEmpty();
        });
        assertThat(shop.leftDatabases()).isEmpty();
    }

    @Test
    void whatAChangeMakesIsTheOwnersAndGoesAgain() throws Exception {
        shop.database().execute("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC");
        List<String> before = shop.looks();
        Plan plan = plan(shop.target()).plan();
        shop.run(plan, Direction.FORWARD);
        String owner = shop.database().user();
        assertThat(shop.database()
                        .ask("SELECT pg_get_userbyid(relowner) || relacl::text FROM pg_class WHERE relname"
                                + " = 'returns'"))
                .startsWith(owner + "{")
                .contains("=r/" + owner);
        assertThat(shop.database()
                        .askAll("SELECT DISTINCT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname"
                                + " LIKE 'fermata%' OR nspname = 'public'"))
                .contains(owner)
                .doesNotContain(shop.target().address().user());
        try (Connection reader = shop.target().open(Session.reader("test"))) {
            assertThat(new Ledger(new Scope(RUN, 1, 1, plan.digest())).forward(reader))
                    .hasSameSizeAs(plan.steps());
        }
        shop.run(plan, Direction.BACK);
        assertThat(differences(before, shop.looks())).isEmpty();
    }

    @Test
    void aCloneThatAnEarlierAttemptUsesIsTakenOver() throws Exception {
        CloneProviders providers = new CloneProviders(1L << 30, 20, Map.of());
        try (Clone first = Clone.make(shop.target(), RUN, providers.choose(WorkOrder.Clone.DUMP, shop.target()));
                Connection inTheWay = first.database().open(Session.writer("test"));
                Clone second = Clone.make(shop.target(), RUN, providers.choose(WorkOrder.Clone.DUMP, shop.target()))) {
            assertThat(inTheWay.isValid(5)).isFalse();
            try (Connection connection = second.database().open(Session.reader("test"))) {
                assertThat(connection.isValid(5)).isTrue();
            }
        }
        assertThat(shop.leftDatabases()).isEmpty();
    }

    @Test
    void aBackupIsRestoredForTheOwner(@TempDir Path folder) throws Exception {
        new Backup(shop.target(), RUN, "sha256:abcd", BackupConfig.in(folder), Clock.systemUTC(), () -> {})
                .take(BackupMode.AFFECTED, Set.of(new QualifiedName("public", "orders")));
        String name = shop.database().name() + "_again";
        try (Backups backups = Backups.open(BackupConfig.in(folder))) {
            Backups.Kept kept = backups.list().backups().getFirst();
            assertThat(backups.differences(kept, shop.target())).isEmpty();
            assertThat(backups.restore(kept, shop.target(), name, Backups.Ownership.AS_IT_WAS))
                    .isEmpty();
            backups.restoreRows(kept, shop.target(), "rescued");
        }
        assertThat(shop.database().ask("SELECT count(*) FROM rescued.orders"))
                .isEqualTo(shop.database().ask("SELECT count(*) FROM orders"));
        assertThat(shop.database()
                        .ask("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '" + name + "'"))
                .isEqualTo(shop.database().user());
    }

    @Test
    void whoActsAsAnotherByASettingIsToldToNameTheRole() throws Exception {
        String owner = shop.database().user();
        TargetDatabase unnamed = new TargetDatabase(shop.target().address().withRole(null));
        String user = unnamed.address().user();
        asSuperuser("ALTER ROLE " + user + " IN DATABASE " + shop.database().name() + " SET role = " + owner);
        assertThatExceptionOfType(TargetException.class)
                .isThrownBy(() -> plan(unnamed))
                .withMessageContaining("makes it act as role '" + owner + "'")
                .withMessageContaining("targets.shop.role=" + owner);
        assertThat(rehearse(plan(shop.target()), WorkOrder.Clone.DUMP).failure())
                .as("with the role named it is no matter")
                .isNull();
    }

    @Test
    void theLedgerNeedsNoRightToMakeSchemasThatAreThere() throws Exception {
        String owner = shop.database().user();
        asSuperuser("CREATE SCHEMA fermata AUTHORIZATION " + owner);
        asSuperuser("CREATE SCHEMA fermata_attic AUTHORIZATION " + owner);
        asSuperuser("REVOKE CREATE ON DATABASE " + shop.database().name() + " FROM " + owner);
        asSuperuser("ALTER DATABASE " + shop.database().name() + " OWNER TO postgres");
        try (Connection writer = shop.target().open(Session.writer("test"))) {
            Ledger.createIfMissing(writer);
            assertThat(Ledger.exists(writer)).isTrue();
        } finally {
            asSuperuser("ALTER DATABASE " + shop.database().name() + " OWNER TO " + owner);
        }
    }

    private void asSuperuser(String sql) throws SQLException {
        try (Connection admin = shop.database().connectAsSuperuser();
                Statement statement = admin.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void whoIsNoMemberIsToldSoBeforeAnythingIsMade() throws Exception {
        TargetDatabase stranger = new TargetDatabase(shop.target()
                .address()
                .as(shop.database().newUser(), Password.of(shop.database().password()))
                .withRole(shop.database().user()));
        assertThatExceptionOfType(TargetException.class)
                .isThrownBy(() -> plan(stranger))
                .withMessageStartingWith(
                        "acting on target 'shop' as role '" + shop.database().user() + "', of which user '"
                                + stranger.address().user() + "' must be a member")
                .withMessageContaining("permission denied to set role");
        assertThat(shop.database()
                        .askAll("SELECT datname FROM pg_database WHERE datname LIKE 'fermata%' AND"
                                + " pg_get_userbyid(datdba) = '"
                                + stranger.address().user() + "'"))
                .isEmpty();
    }
}
