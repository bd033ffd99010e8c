package dev.fermata.execution.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.SampleDatabase;
import dev.fermata.execution.ledger.Ledger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.awaitility.Awaitility;

/** What must hold of a database when a plan went through, whatever befell those who ran it. */
final class Aftermath {
    /** What of ours is in the database, and is left out where catalogs are compared. */
    private static final String ATTIC = """
        SELECT c.relname::text FROM pg_class AS c WHERE c.relnamespace = 'fermata_attic'::regnamespace
          OR c.relname ~ '^fermata_attic_'
        UNION ALL SELECT a.attrelid::regclass || '.' || a.attname FROM pg_attribute AS a
          WHERE a.attname ~ '^fermata_attic_' AND NOT a.attisdropped
        UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname ~ 'fermata_attic'
        UNION ALL SELECT 'constraint ' || conname FROM pg_constraint WHERE conname ~ '^fermata_attic_'
        UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'fermata_attic'::regnamespace
        UNION ALL SELECT 'statistics ' || stxname FROM pg_statistic_ext WHERE stxname ~ '^fermata_attic_'
        ORDER BY 1
        """;

    private final SampleDatabase database;

    Aftermath(SampleDatabase database) {
        this.database = database;
    }

    /** Makes what workers write down in. */
    void prepare() throws SQLException {
        try (Connection connection = database.database().connect()) {
            Ledger.createIfMissing(connection);
        }
        database.database()
                .execute("CREATE TABLE fermata.witness (direction text, step integer, state text, checkpoint text)");
    }

    /** Before a plan is run anew. */
    void forget() throws SQLException {
        database.database().execute("TRUNCATE fermata.witness");
    }

    /** What there is in the attic. */
    List<String> attic() throws SQLException {
        return database.database().askAll(ATTIC);
    }

    /** Rows of tables, and definitions. */
    void looksLike(List<String> looks) throws SQLException {
        assertThat(SampleDatabase.differences(looks, database.looks()))
                .as("differences")
                .isEmpty();
    }

    /** What is ours and not that is left over. */
    void leaves(List<String> attic) throws SQLException {
        assertThat(attic()).as("what is left in the attic").isSubsetOf(attic);
        assertThat(database.leftInvalid()).as("invalid indexes").isEmpty();
    }

    /** The sessions of a worker that has just ended may take a moment to end. */
    void holdsNothing() throws SQLException {
        Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(database.database()
                        .askAll("SELECT a.application_name || ' ' || l.locktype || ' ' || l.mode FROM pg_locks"
                                + " AS l JOIN pg_stat_activity AS a USING (pid) WHERE a.application_name"
                                + " LIKE 'fermata/%'"))
                .as("locks of ours")
                .isEmpty());
        assertThat(database.leftDatabases()).as("databases of ours").isEmpty();
    }

    /** The ledger says the same of all steps, and no transaction that it tells of committed twice. */
    void happenedOnce(Plan plan, Direction direction) throws SQLException {
        String state = direction == Direction.FORWARD ? "DONE" : "UNDONE";
        assertThat(database.database()
                        .askAll("SELECT state FROM fermata.ledger WHERE direction = 'forward' AND step > 0"))
                .as("states in the ledger")
                .isEqualTo(Collections.nCopies(plan.steps().size(), state));
        assertThat(database.database().askAll("""
            SELECT format('%s %s %s %s: %s times', direction, step, state, checkpoint, count(*)) FROM fermata.witness
            WHERE direction = 'forward' AND state IN ('STARTED', 'DONE') OR direction IN ('undo', 'back')
            GROUP BY direction, step, state, checkpoint HAVING count(*) > 1
            """))
                .as("what took effect more than once")
                .isEmpty();
    }
}
