package dev.fermata.postgres.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableStatsTest {

    @Test
    void saysSizeKeyAndTraffic() throws SQLException {
        try (Sql sql = Sql.empty().run("""
            create table t (b varchar(9), "A" int, c text, primary key ("A", b));
            insert into t select 'b' || i, i, repeat('x', 100) from generate_series(1, 1000) i;
            delete from t where "A" > 990;
            create table nothing ();
            create table p (a int) partition by range (a);
            create materialized view m as select 1\
            """).run("analyze t")) {
            sql.ask("select pg_stat_force_next_flush()");
            List<TableStats> all = TableStats.all(sql.connection());
            assertThat(all)
                    .extracting(stats -> stats.name() + " " + stats.kind())
                    .containsExactly(
                            "public.m MATERIALIZED_VIEW",
                            "public.nothing TABLE",
                            "public.p PARTITIONED_TABLE",
                            "public.t TABLE");
            TableStats t = all.getLast();
            assertThat(t.primaryKey())
                    .containsExactly(
                            new TableStats.KeyColumn("A", "integer"),
                            new TableStats.KeyColumn("b", "character varying(9)"));
            assertThat(t.estimatedRows()).isEqualTo(990);
            assertThat(t.analyzed()).isTrue();
            assertThat(t.heapBytes()).isGreaterThan(100_000);
            assertThat(t.totalBytes()).isEqualTo(t.heapBytes() + t.indexBytes()).isGreaterThan(t.heapBytes());
            assertThat(t.inserted()).isEqualTo(1000);
            assertThat(t.deleted()).isEqualTo(10);
            TableStats nothing = all.get(1);
            assertThat(nothing.hasPrimaryKey()).isFalse();
            assertThat(nothing.analyzed()).isFalse();
            assertThat(nothing.estimatedRows()).isZero();
        }
    }

    @Test
    void asksForGivenTablesOnly() throws SQLException {
        try (Sql sql = Sql.empty().run("create schema s; create table s.\"T\" (); create table s.t ()")) {
            assertThat(TableStats.of(
                            sql.connection(), List.of(new QualifiedName("s", "T"), new QualifiedName("s", "gone"))))
                    .extracting(TableStats::name)
                    .containsExactly(new QualifiedName("s", "T"));
            assertThat(TableStats.of(sql.connection(), List.of())).isEmpty();
        }
    }
}
