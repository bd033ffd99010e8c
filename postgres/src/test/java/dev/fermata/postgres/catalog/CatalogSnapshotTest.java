package dev.fermata.postgres.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CatalogSnapshotTest {
    private static final QualifiedName CUSTOMERS = new QualifiedName("app", "customers");

    @Test
    void readsEveryFamily() throws SQLException {
        try (Sql sql = Sql.withRichSchema()) {
            Set<String> families = sql.snapshot().definitions().keySet().stream()
                    .map(identity -> identity.replaceAll(
                            "^((comment on|owner of|grant on) )?(materialized view|foreign table|event trigger|\\w+)"
                                    + " .*",
                            "$2 $3"))
                    .map(String::strip)
                    .collect(Collectors.toSet());
            assertThat(families)
                    .contains(
                            "schema",
                            "extension",
                            "table",
                            "view",
                            "materialized view",
                            "column",
                            "constraint",
                            "index",
                            "trigger",
                            "rule",
                            "policy",
                            "function",
                            "procedure",
                            "aggregate",
                            "type",
                            "domain",
                            "sequence",
                            "statistics",
                            "collation",
                            "publication",
                            "comment on table",
                            "owner of relation",
                            "grant on relation");
        }
    }

    @Test
    void saysWhatAColumnIsInOneLine() throws SQLException {
        try (Sql sql = Sql.withRichSchema()) {
            CatalogSnapshot snapshot = sql.snapshot();
            assertThat(snapshot.definition("column app.customers.data"))
                    .hasValue("jsonb storage external compression pglz");
            assertThat(snapshot.definition("column app.customers.created"))
                    .hasValue("timestamp with time zone not null default '2020-02-03 04:05:06+00'::timestamp with time"
                            + " zone");
            assertThat(snapshot.definition("constraint public.\"Order Lines\".fk_customer"))
                    .hasValue("FOREIGN KEY (customer) REFERENCES app.customers(id) ON UPDATE CASCADE ON DELETE SET NULL"
                            + " DEFERRABLE");
            assertThat(snapshot.definition("table public.nowhere")).isEmpty();
        }
    }

    @Test
    void doesNotSeeExtensionsInsideNorOurOwnSchemas() throws SQLException {
        try (Sql sql = Sql.empty()) {
            CatalogSnapshot before = sql.snapshot();
            sql.run("""
                create schema fermata; create table fermata.ledger (id int primary key);
                create schema fermata_attic; create table fermata_attic.t (id serial);
                create type fermata_attic.e as enum ('a');
                create function fermata.f() returns int language sql as 'select 1';
                comment on table fermata.ledger is 'ours'; comment on schema fermata is 'ours';
                comment on column fermata.ledger.id is 'x';
                create temporary table gone (a int)\
                """);
            assertThat(CatalogDiff.between(before, sql.snapshot()).describe()).isEmpty();
            sql.run("create extension hstore");
            assertThat(CatalogDiff.between(before, sql.snapshot()).added())
                    .containsOnlyKeys("extension hstore", "comment on extension hstore");
        }
    }

    @Test
    void doesNotDependOnTheSettingsOfTheSession() throws SQLException {
        try (Sql sql = Sql.withRichSchema()) {
            CatalogSnapshot plain = sql.snapshot();
            sql.run("""
                set search_path = app, ext, public; set timezone = 'Asia/Tokyo';
                set intervalstyle = 'iso_8601'; set quote_all_identifiers = on; set bytea_output = 'escape'\
                """);
            assertThat(sql.snapshot()).isEqualTo(plain);
            assertThat(sql.ask("show search_path")).isEqualTo("app, ext, public");
            assertThat(sql.connection().getAutoCommit()).isTrue();
        }
    }

    @Test
    void seesTheUncommittedChangesOfTheCallersTransactionAndLeavesItAlone() throws SQLException {
        try (Sql sql = Sql.empty()) {
            sql.connection().setAutoCommit(false);
            sql.run("set local search_path = pg_catalog, public; create table public.t (a int)");
            assertThat(sql.snapshot().definition("column public.t.a")).hasValue("integer");
            assertThat(sql.ask("show search_path")).isEqualTo("pg_catalog, public");
            assertThat(sql.ask("select count(*) from t")).isEqualTo("0");
            sql.connection().rollback();
            assertThat(sql.snapshot().definition("column public.t.a")).isEmpty();
        }
    }

    @Test
    void restrictedToATableHasWhatHangsOnIt() throws SQLException {
        try (Sql sql = Sql.withRichSchema()) {
            Set<String> kept =
                    sql.snapshot().restrictedTo(Set.of(CUSTOMERS)).definitions().keySet();
            assertThat(kept)
                    .contains(
                            "table app.customers",
                            "column app.customers.name",
                            "constraint app.customers.code_unique",
                            "constraint public.\"Order Lines\".fk_customer",
                            "index app.customers_lower",
                            "trigger app.customers.touch",
                            "policy app.customers.mine",
                            "statistics app.together",
                            "sequence app.customers_id_seq",
                            "comment on table column app.customers.name",
                            "comment on index app.customers_lower",
                            "grant on relation app.customers",
                            "view app.customer_names",
                            "view app.a_first_by_name",
                            "view app.over_matview",
                            "materialized view app.mood_counts",
                            "index app.mood_counts_mood",
                            "publication published of app.customers")
                    .noneMatch(identity -> identity.startsWith("table public."))
                    .doesNotContain("function app.touch()", "index public.self_pkey", "sequence public.untouched");
        }
    }

    @Test
    void restrictedToAParentHasItsPartitions() throws SQLException {
        try (Sql sql = Sql.withRichSchema()) {
            QualifiedName events = new QualifiedName("app", "events");
            assertThat(sql.snapshot().restrictedTo(Set.of(events)).definitions())
                    .containsKeys(
                            "table app.events",
                            "table app.events_rest_b",
                            "index app.events_rest_b_pkey",
                            "constraint app.refers_to_partitioned.refers_to_partitioned_id_at_fkey");
        }
    }

    @Test
    void withoutOwnershipHasNeitherOwnersNorGrants() throws SQLException {
        try (Sql sql = Sql.withRichSchema()) {
            CatalogSnapshot before = sql.snapshot();
            sql.run("grant all on app.events to public; alter table app.events owner to pg_monitor");
            CatalogSnapshot after = sql.snapshot();
            assertThat(after.withoutOwnership()).isEqualTo(before.withoutOwnership());
            assertThat(after.withoutOwnership().fingerprint())
                    .isEqualTo(before.withoutOwnership().fingerprint());
            assertThat(CatalogDiff.between(before, after).describe()).isNotEmpty();
        }
    }

    @Test
    void readsTwoThousandTablesWithinSeconds() throws SQLException {
        try (Sql sql = Sql.empty()) {
            sql.run("""
                do $$ begin for i in 1..2000 loop
                  execute format('create table t%s (id bigint primary key, name text not null,
                                        at timestamptz default now(), x int references t%s)',
                                 i, greatest(1, i - 1));
                  execute format('create index on t%s (name)', i);
                  if i % 500 = 0 then commit; end if;
                end loop; end $$\
                """);
            Instant start = Instant.now();
            CatalogSnapshot snapshot = sql.snapshot();
            assertThat(snapshot.definitions()).hasSizeGreaterThan(2000 * 8);
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(20));
        }
    }
}
