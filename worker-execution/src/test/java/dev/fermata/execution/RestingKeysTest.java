package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A column that rests in its table does not refuse rows of an application that knows nothing of it. */
@Execution(ExecutionMode.CONCURRENT)
class RestingKeysTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static SqlParser parser;

    @BeforeAll
    static void open() {
        parser = new SqlParser(2);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE users ADD CONSTRAINT once UNIQUE (email, tenant)",
                "ALTER TABLE users ADD CONSTRAINT once UNIQUE (tenant)",
                "ALTER TABLE users ADD CONSTRAINT once UNIQUE (email, tenant) DEFERRABLE INITIALLY DEFERRED",
                "ALTER TABLE users ADD CONSTRAINT once UNIQUE NULLS NOT DISTINCT (email, age)",
                "ALTER TABLE users ADD CONSTRAINT once PRIMARY KEY (email, tenant)",
                "ALTER TABLE users ADD CONSTRAINT once EXCLUDE USING btree (email WITH =, tenant WITH =)",
                "CREATE UNIQUE INDEX once ON users (lower(email), tenant)",
                "CREATE UNIQUE INDEX once ON users (age) NULLS NOT DISTINCT",
                "CREATE UNIQUE INDEX once ON users (email) INCLUDE (age) WHERE tenant > 0",
                "CREATE UNIQUE INDEX once ON users (age);; ALTER TABLE users ALTER COLUMN age SET NOT NULL",
            })
    void aSecondRowThatIsLikeTheFirstIsWrittenAndTheKeyComesBack(String key) throws Exception {
        isWrittenAndComesBack("CREATE TABLE users (name text, email text, tenant integer DEFAULT 1, age integer)", key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE users ADD CONSTRAINT once UNIQUE (email, tenant)",
                "ALTER TABLE users ADD CONSTRAINT once PRIMARY KEY (email, tenant, age)",
                "CREATE UNIQUE INDEX once ON users (email, lower(name), tenant) WHERE age > 0",
            })
    void soItIsWithPartitions(String key) throws Exception {
        isWrittenAndComesBack(
                "CREATE TABLE users (name text, email text, tenant integer DEFAULT 1, age integer) PARTITION BY LIST"
                        + " (email);; CREATE TABLE all_users PARTITION OF users DEFAULT",
                key);
    }

    private static void isWrittenAndComesBack(String table, String key) throws Exception {
        try (SampleDatabase database = SampleDatabase.createEmpty()) {
            database.runAsWritten(table.replace(";; ", ";;\n"));
            database.database().execute("INSERT INTO users VALUES ('ada', 'a@example.org', 1, 36)");
            database.runAsWritten(key.replace(";; ", ";;\n"));
            String kind = key.contains("CONSTRAINT") ? "CONSTRAINT once ON users" : "INDEX once";
            database.database()
                    .execute(
                            "ALTER TABLE users ADD CONSTRAINT sane CHECK (tenant > 0 AND age > 0)",
                            "COMMENT ON CONSTRAINT sane ON users IS 'both'",
                            "COMMENT ON " + kind + " IS 'only once'");
            List<String> start = database.looks();
            Plan plan = plan(database, "ALTER TABLE users DROP COLUMN tenant, DROP COLUMN age");
            database.run(plan, Direction.FORWARD);
            database.database()
                    .execute(
                            "INSERT INTO users (name, email) VALUES ('bob', 'a@example.org'), ('bob', 'a@example.org')",
                            "DELETE FROM users WHERE name <> 'ada'");
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
            assertThat(database.leftInvalid()).isEmpty();
        }
    }

    private static Plan plan(SampleDatabase database, String change) throws Exception {
        return new Drafting(new Planner(parser))
                .draft(database.target(), RUN, 1, WorkOrder.of("n", "ada", List.of("shop"), change, null))
                .plan();
    }
}
