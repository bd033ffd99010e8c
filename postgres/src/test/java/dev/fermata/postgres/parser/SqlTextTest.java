package dev.fermata.postgres.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SqlTextTest {
    private static final SqlParser PARSER = new SqlParser(1);

    @AfterAll
    static void closeParser() {
        PARSER.close();
    }

    static Stream<Arguments> withCondition() {
        return Stream.of(
                arguments("update t set a = 1 where b = 2", "b = 2"),
                arguments("delete from t where b = 2;", "b = 2"),
                arguments("DELETE FROM t USING u WHERE t.a = u.a -- gone\n RETURNING *", "t.a = u.a"),
                arguments("update t set a = t.where, where_ = 'where' where(b)=(2)returning(a)", "(b)=(2)"),
                arguments("update t set a = t . where where true", "true"),
                arguments(
                        "with w as (delete from x where y returning *) update t set a = 1 from w where w.y = t.y",
                        "w.y = t.y"),
                arguments(
                        "update t set a = 'x where y' /* where z */ where b = $$ where returning $$ -- where\n",
                        "b = $$ where returning $$"),
                arguments(
                        "update t set \"where\" = E'it\\'s where' where \"returning\" = U&'\\0061' returning \"where\"",
                        "\"returning\" = U&'\\0061'"),
                arguments(
                        "update t as w set a = array[(select 1 where true)] where a[(select 1 where false)] = 1",
                        "a[(select 1 where false)] = 1"),
                arguments("update t set a = count(*) filter (where x) over (order by y) where b", "b"),
                arguments(
                        "update s.t * set (a, b) = (select 1, 2 where true) from u join v on true where u.x = v.x"
                                + " returning with (old as o) o.a",
                        "u.x = v.x"),
                arguments("delete from t where current of cur", "current of cur"),
                arguments(
                        "update t set a = 1 where 'é😀' = b and\n\tc /* x */ is null  ",
                        "'é😀' = b and\n\tc /* x */ is null"),
                arguments(
                        "update t set a = json_value(j, '$.a' returning int) where json_value(j, '$.b' returning int)"
                                + " > 1 returning a",
                        "json_value(j, '$.b' returning int) > 1"),
                arguments(
                        "update t set a = 1 where case when b then c else d end returning a as where",
                        "case when b then c else d end"));
    }

    @ParameterizedTest
    @MethodSource("withCondition")
    void findsTheConditionOfTheStatementItself(String sql, String condition) {
        Statement statement = PARSER.parseScript(sql).getFirst();
        assertThat(SqlText.whereClause(statement)).isInstanceOfSatisfying(WhereClause.Present.class, where -> {
            assertThat(statement.text().substring(where.start(), where.end())).isEqualTo(condition);
            String replaced = statement.text().substring(0, where.start()) + " (" + condition + ") AND fermata_id > 7 "
                    + statement.text().substring(where.end());
            if (!condition.startsWith("current of")) {
                JsonNode whereClause =
                        PARSER.parseScript(replaced).getFirst().node().path("whereClause");
                assertThat(whereClause.toString()).contains("AND_EXPR").contains("fermata_id");
            }
        });
    }

    static Stream<Arguments> withoutCondition() {
        return Stream.of(
                arguments("update t set a = 1", "update t set a = 1 WHERE x"),
                arguments("UPDATE t SET a = 1 RETURNING b", "UPDATE t SET a = 1 WHERE x RETURNING b"),
                arguments("delete from t -- all of it\n", "delete from t WHERE x"),
                arguments("delete from t /* where */ returning a", "delete from t WHERE x /* where */ returning a"),
                arguments(
                        "with w as (select 1 where true) delete from t using w",
                        "with w as (select 1 where true) delete from t using w WHERE x"),
                arguments("update t set a = 'where'", "update t set a = 'where' WHERE x"),
                arguments("update t set a = t.where", "update t set a = t.where WHERE x"),
                arguments(
                        "update t set a = (select b where c) returning (select 1 where d)",
                        "update t set a = (select b where c) WHERE x returning (select 1 where d)"));
    }

    @ParameterizedTest
    @MethodSource("withoutCondition")
    void findsWhereAConditionCouldBePut(String sql, String expected) {
        Statement statement = PARSER.parseScript(sql).getFirst();
        assertThat(SqlText.whereClause(statement)).isInstanceOfSatisfying(WhereClause.Absent.class, where -> {
            String text = new StringBuilder(statement.text())
                    .insert(where.insertAt(), " WHERE x")
                    .toString();
            assertThat(text).isEqualTo(expected);
            JsonNode before = statement.node();
            JsonNode after = PARSER.parseScript(text).getFirst().node();
            assertThat(after.path("whereClause").has("ColumnRef")).isTrue();
            assertThat(after.has("returningClause")).isEqualTo(before.has("returningClause"));
            assertThat(after.has("returningList")).isEqualTo(before.has("returningList"));
        });
    }

    @Test
    void refusesOtherStatements() {
        Statement select = PARSER.parseScript("select 1 where true").getFirst();
        assertThatThrownBy(() -> SqlText.whereClause(select))
                .hasMessage("statement: SelectStmt at 1:1 (expected: an UpdateStmt or DeleteStmt)");
    }
}
