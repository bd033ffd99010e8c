package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * An autovacuum against wraparound that is at work on a table and comes to no end, as somebody reads a page that it must
 * freeze; it ends when this is closed.
 */
final class Wraparound implements AutoCloseable {
    private static final String AT_WORK = "items BufferPin";

    /** What autovacuums do, and what there is for them to do. */
    private static final String VACUUMS = """
        SELECT regexp_replace(query, '^autovacuum: VACUUM( ANALYZE)? public.items .to prevent wraparound.$', 'items') || ' '
            || coalesce(wait_event_type, 'works')
        FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'
        UNION ALL SELECT relname || ' is ' || age(relfrozenxid) || ' old' FROM pg_class WHERE relname = 'items'
        """;

    private final TestDatabase database;
    private final Connection reader;

    private Wraparound(TestDatabase database, Connection reader) {
        this.database = database;
        this.reader = reader;
    }

    /** One that gets there soon. */
    static RealPostgres server() {
        return RealPostgres.startOwn(Map.of("autovacuum_freeze_max_age", "100000", "autovacuum_naptime", "1s"));
    }

    /** On the table {@code items}, which has rows. */
    static Wraparound ofItems(TestDatabase database) throws SQLException {
        age(database, 90_000); // old enough to be frozen, once somebody comes
        Connection reader = database.connect();
        reader.setAutoCommit(false);
        Statement cursor = reader.createStatement();
        cursor.execute("DECLARE page CURSOR FOR SELECT * FROM items");
        cursor.execute("FETCH 1 FROM page");
        age(database, 15_000);
        Wraparound vacuum = new Wraparound(database, reader);
        Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(vacuum.vacuums())
                .contains(AT_WORK));
        return vacuum;
    }

    private static void age(TestDatabase database, int transactions) throws SQLException {
        database.execute("DO $$ BEGIN FOR i IN 1.." + transactions
                + " LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$");
    }

    boolean isAtWork() throws SQLException {
        return vacuums().contains(AT_WORK);
    }

    private List<String> vacuums() throws SQLException {
        List<String> vacuums = new ArrayList<>();
        try (Connection admin = database.connectAsSuperuser();
                Statement select = admin.createStatement();
                ResultSet rows = select.executeQuery(VACUUMS)) {
            while (rows.next()) {
                vacuums.add(rows.getString(1));
            }
        }
        return vacuums;
    }

    @Override
    public void close() throws SQLException {
        reader.close();
    }
}
