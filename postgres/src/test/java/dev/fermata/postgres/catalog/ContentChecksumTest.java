package dev.fermata.postgres.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ContentChecksumTest {
    private static Sql sql;

    @BeforeAll
    static void openDatabase() throws SQLException {
        sql = Sql.empty();
    }

    @AfterAll
    static void closeDatabase() throws SQLException {
        sql.close();
    }

    @Test
    void orderOfRowsDoesNotCount() throws SQLException {
        sql.run("create table one (a int, b text); insert into one select i, 'r' || i from generate_series(1, 100) i");
        sql.run("create table two (a int, b text); insert into two select * from one order by a desc");
        assertThat(checksum("two").sum()).isEqualTo(checksum("one").sum());
        assertThat(checksum("one").rows()).isEqualTo(100);
    }

    @Test
    void everyDifferenceCounts() throws SQLException {
        sql.run("create table t (a int, b text); insert into t values (1, 'x'), (2, null), (2, null)");
        ContentChecksum before = checksum("t");
        for (String change : List.of(
                "update t set b = '' where b is null",
                "update t set a = 3 where a = 1",
                "delete from t where ctid = '(0,3)'",
                "insert into t values (null, null)",
                "update t set b = 'x '")) {
            sql.connection().setAutoCommit(false);
            sql.run(change);
            assertThat(checksum("t")).isNotEqualTo(before);
            sql.connection().rollback();
            sql.connection().setAutoCommit(true);
        }
        assertThat(checksum("t")).isEqualTo(before);
    }

    @Test
    void doesNotDependOnTheSessionNorOnNames() throws SQLException {
        sql.run("""
            create table "od;d" (fermata_row timestamptz, "t" float8, b bytea, i interval);
            insert into "od;d" values (now(), 0.1::float8 + 0.2, '\\x00ff', '-1 day 2 hours')\
            """);
        ContentChecksum before = checksum("od;d");
        sql.run("set timezone = 'Asia/Tokyo'; set extra_float_digits = 0; set bytea_output = 'escape'; set"
                + " intervalstyle = 'sql_standard'");
        assertThat(checksum("od;d")).isEqualTo(before);
        sql.run("reset all");
    }

    @Test
    void chosenColumnsLeaveTheOthersOut() throws SQLException {
        sql.run("create table c (a int, \"B\" text); insert into c values (1, 'x')");
        QualifiedName c = new QualifiedName("public", "c");
        ContentChecksum before = ContentChecksum.of(sql.connection(), c, List.of("a", "B"));
        assertThat(before).isEqualTo(ContentChecksum.of(sql.connection(), c));
        sql.run("alter table c add n int default 7");
        assertThat(ContentChecksum.of(sql.connection(), c, List.of("a", "B"))).isEqualTo(before);
        assertThat(ContentChecksum.of(sql.connection(), c)).isNotEqualTo(before);
        assertThatThrownBy(() -> ContentChecksum.of(sql.connection(), c, List.of()))
                .hasMessage("columns of public.c: none (expected: at least one)");
    }

    @Test
    void onlyItsOwnRows() throws SQLException {
        sql.run("create table parent (a int); create table child () inherits (parent); insert into child values (1);"
                + " create table empty ()");
        assertThat(checksum("parent")).isEqualTo(new ContentChecksum(new QualifiedName("public", "parent"), 0, "0"));
        sql.run("insert into empty default values");
        assertThat(checksum("empty").rows()).isEqualTo(1);
    }

    private static ContentChecksum checksum(String table) throws SQLException {
        return ContentChecksum.of(sql.connection(), new QualifiedName("public", table));
    }
}
