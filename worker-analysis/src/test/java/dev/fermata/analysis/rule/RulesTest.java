package dev.fermata.analysis.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {
    private static final QualifiedName ORDERS = new QualifiedName("public", "orders");
    private static SqlParser parser;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    private static List<Finding> look(String sql, long rows, WorkOrder.Strategy strategy, Set<QualifiedName> created) {
        Statement statement = parser.parseScript(sql).get(0);
        StatementProfile profile = LockModel.profile(statement);
        List<QualifiedName> relations = profile.locks().stream()
                .map(lock -> lock.relation().in("public"))
                .toList();
        Map<QualifiedName, TableStats> tables = new HashMap<>();
        if (relations.contains(ORDERS)) {
            tables.put(
                    ORDERS, new TableStats(1, ORDERS, TableStats.Kind.TABLE, rows, true, 0, 0, 0, List.of(), 0, 0, 0));
        }
        return Rules.look(new Subject(statement, profile, strategy, relations, tables, created));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "forbidden-statement    | ALTER SYSTEM SET fsync = off                             | ALTER TABLE"
                        + " orders ADD COLUMN a int",
                "forbidden-statement    | COMMIT                                                   | CREATE VIEW v AS"
                        + " SELECT 1",
                "forbidden-statement    | COPY orders TO PROGRAM 'cat'                             | SELECT 1",
                "unknown-lock           | DO 'begin end'                                           | CREATE TABLE t"
                        + " (id int)",
                "index-blocks-writes    | CREATE INDEX i ON orders (id)                            | CREATE INDEX"
                        + " CONCURRENTLY i ON orders (id)",
                "table-rewrite          | ALTER TABLE orders SET UNLOGGED                          | ALTER TABLE"
                        + " orders ADD COLUMN a int",
                "scan-under-lock        | ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0)       | ALTER TABLE"
                        + " orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID",
                "drops-data             | DROP TABLE orders                                        | DROP INDEX i",
                "drops-data             | ALTER TABLE orders DROP COLUMN a                         | ALTER TABLE"
                        + " orders ADD COLUMN a int",
                "drops-data             | TRUNCATE orders                                          | DELETE FROM"
                        + " orders WHERE id = 1",
                "changes-every-row      | UPDATE orders SET id = 1                                 | UPDATE orders SET"
                        + " id = 1 WHERE id = 2",
                "changes-every-row      | DELETE FROM orders                                       | DELETE FROM"
                        + " orders WHERE id = 2",
                "rename-breaks-old-code | ALTER TABLE orders RENAME COLUMN a TO b                  | ALTER TABLE"
                        + " orders ADD COLUMN b int",
            })
    void aRuleFiresOnOneStatementAndNotOnTheOther(String rule, String fires, String doesNot) {
        assertThat(look(fires, 5, WorkOrder.Strategy.AS_WRITTEN, Set.of()))
                .extracting(Finding::rule)
                .contains(rule);
        assertThat(look(doesNot, 5, WorkOrder.Strategy.AS_WRITTEN, Set.of()))
                .extracting(Finding::rule)
                .doesNotContain(rule);
    }

    @ParameterizedTest
    @CsvSource({"10, LOW", "10000, LOW", "10001, MEDIUM", "1000000, MEDIUM", "1000001, HIGH"})
    void theSeverityOfWhatTakesLongDependsOnTheTable(long rows, RiskLevel severity) {
        assertThat(look("UPDATE orders SET id = 1", rows, WorkOrder.Strategy.ONLINE, Set.of()))
                .extracting(Finding::severity)
                .containsExactly(severity);
    }

    @Test
    void aTableThatTheSameChangeCreatesIsNoRisk() {
        assertThat(look("UPDATE orders SET id = 1", 5_000_000, WorkOrder.Strategy.ONLINE, Set.of(ORDERS)))
                .isEmpty();
    }

    @Test
    void anIndexThatThePlannerBuildsConcurrentlyBlocksNobody() {
        assertThat(look("CREATE INDEX i ON orders (id)", 5_000_000, WorkOrder.Strategy.ONLINE, Set.of()))
                .isEmpty();
    }
}
