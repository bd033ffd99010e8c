package dev.fermata.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.contracts.impact.ValidationQuery.Expectation;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AskableValidationsTest {
    private static final ValidationQuery OURS = query("rows public.orders", "SELECT count(*) FROM public.orders");
    private static final ValidationQuery THEIRS = query(
            "orphans public.orders country",
            "SELECT count(*) FROM public.orders c WHERE NOT EXISTS"
                    + " (SELECT FROM ref.countries p WHERE p.id = c.country)");

    private final TestDatabase shop = RealPostgres.shared().newDatabase();

    private static ValidationQuery query(String name, String sql) {
        return new ValidationQuery(name, sql, Expectation.NOT_LESS_THAN_BEFORE, "why");
    }

    @BeforeEach
    void fill() throws SQLException {
        asSuperuser("CREATE SCHEMA ref; CREATE TABLE ref.countries (id int PRIMARY KEY);"
                + " GRANT USAGE ON SCHEMA ref TO " + shop.user() + "; GRANT REFERENCES ON ref.countries TO "
                + shop.user());
        shop.execute("CREATE TABLE orders (id int, country int REFERENCES ref.countries)");
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private void asSuperuser(String sql) throws SQLException {
        try (Connection admin = shop.connectAsSuperuser();
                Statement statement = admin.createStatement()) {
            statement.execute(sql);
        }
    }

    private ImpactReport kept() throws SQLException {
        RealPostgres server = RealPostgres.shared();
        TargetDatabase target = new TargetDatabase(new TargetAddress(
                "shop",
                server.host(),
                server.port(),
                shop.name(),
                shop.user(),
                Password.of(shop.password()),
                "staging",
                null));
        ImpactReport report = new ImpactReport(
                180_000,
                "staging",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(OURS, THEIRS),
                RiskLevel.LOW,
                List.of("why"),
                Instant.EPOCH,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        try (Connection connection = target.open(Session.reader("test"))) {
            return AskableValidations.keep(target, connection, report);
        }
    }

    /** Its answer would be an error before and after, for which a good change would be taken back. */
    @Test
    void aQueryThatOurRoleMayNotAskIsLeftOutAndSaid() throws SQLException {
        ImpactReport kept = kept();
        assertThat(kept.validations()).containsExactly(OURS);
        assertThat(kept.unseen()).singleElement().satisfies(unseen -> {
            assertThat(unseen.what()).contains(THEIRS.name());
            assertThat(unseen.remedy())
                    .startsWith("our role may not ask it (GRANT SELECT")
                    .contains("ref.countries");
        });
    }

    @Test
    void aTableThatSomebodyHoldsJustNowIsNoReasonToFail() throws SQLException {
        try (Connection holder = shop.connect();
                Statement statement = holder.createStatement()) {
            statement.execute("BEGIN; LOCK TABLE orders");
            assertThat(kept().validations()).contains(OURS);
            statement.execute("ROLLBACK");
        }
    }

    @Test
    void oneThatItMayAskStays() throws SQLException {
        asSuperuser("GRANT SELECT ON ref.countries TO " + shop.user());
        ImpactReport kept = kept();
        assertThat(kept.validations()).containsExactly(OURS, THEIRS);
        assertThat(kept.unseen()).isEmpty();
    }
}
