package dev.fermata.postgres.lock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs each statement in a transaction of the real server and compares what it did with what the table says. */
class LockModelMeasuredTest {
    private static final SqlParser PARSER = new SqlParser(1);

    private static final String FIXTURE = """
        create schema elsewhere;
        create table p (id int primary key, x int);
        create table t (id int primary key, a int, s varchar(10), n numeric(10, 2), u int, txt text,
          p_id int references p);
        create index t_a_idx on t (a);
        create unique index t_u_uidx on t (u);
        create table other (id int primary key, t_id int);
        create table child () inherits (other);
        create table chd (like other);
        create table uses_domain (d int);
        create domain dm as int;
        create table td (d dm);
        alter table t add constraint t_check check (a > 0) not valid;
        create view vw as select id, a from p cross join (select 1 as a) x;
        create materialized view mv as select id from p;
        create unique index mv_u on mv (id);
        create sequence sq;
        create type addr as (street text);
        create table pt (k int, v int) partition by range (k);
        create table pt1 partition of pt for values from (0) to (100);
        create table pn (k int, v int);
        create function trg() returns trigger language plpgsql as 'begin return new; end';
        create trigger tr before insert on p for each row execute function trg();
        insert into p select i, i from generate_series(1, 200) i;
        insert into t select i, i, 's', 1, i, 't', i from generate_series(1, 200) i;
        insert into other select i, i from generate_series(1, 200) i;
        insert into pn values (150, 1);
        create table k1 (a int not null); create unique index k1u on k1 (a)\
        """;

    private static TestDatabase database;

    @BeforeAll
    static void makeFixture() throws SQLException {
        database = RealPostgres.shared().newDatabase();
        try (var connection = database.connectAsSuperuser();
                var statement = connection.createStatement()) {
            statement.execute(FIXTURE);
            statement.execute("vacuum analyze");
        }
    }

    @AfterAll
    static void dropFixture() {
        database.close();
        PARSER.close();
    }

    static Stream<String> statements() {
        return Stream.of(
                // columns
                "alter table t add c int",
                "alter table t add c int not null default 5",
                "alter table t add c timestamptz default now()",
                "alter table t add c timestamptz default clock_timestamp()",
                "alter table t add c uuid default gen_random_uuid()",
                "alter table t add c bigserial",
                "alter table t add c int generated always as identity",
                "alter table t add c int generated always as (a + 1) stored",
                "alter table t add c int generated always as (a + 1) virtual",
                "alter table t add c int check (c > 0)",
                "alter table t add c int unique",
                "alter table other add c int references p",
                "alter table other add c int default 1 references p",
                "alter table t drop column txt",
                "alter table t alter a set default 5",
                "alter table t alter a set not null",
                "alter table k1 alter a drop not null",
                "alter table t alter a type bigint",
                "alter table t alter s type varchar(20)",
                "alter table t alter a set statistics 100",
                "alter table t alter a set (n_distinct = 5)",
                "alter table t alter txt set storage external",
                "alter table t alter txt set compression pglz",
                // constraints
                "alter table t add constraint c check (a > 0)",
                "alter table t add constraint c check (a > 0) not valid",
                "alter table t add constraint c check (a > 0) not enforced",
                "alter table t add constraint c not null a not valid",
                "alter table t add constraint c unique (a)",
                "alter table t add constraint c unique using index t_u_uidx",
                "alter table k1 add primary key using index k1u",
                "alter table other add foreign key (t_id) references t",
                "alter table other add foreign key (t_id) references t not valid",
                "alter table t validate constraint t_check",
                "alter table t drop constraint t_check",
                "alter table t rename constraint t_check to c",
                // the table as a whole
                "alter table t set (fillfactor = 70)",
                "alter table t set (autovacuum_enabled = false, toast.autovacuum_enabled = false)",
                "alter table chd set unlogged",
                "alter table t replica identity full",
                "alter table t enable row level security",
                "alter table t cluster on t_pkey",
                "alter table t owner to pg_monitor",
                "alter table p disable trigger all",
                "alter table chd inherit other",
                "alter table child no inherit other",
                "alter table t rename a to b",
                "alter table t rename to tt",
                "alter table t set schema elsewhere",
                // indexes
                "create index on t (a)",
                "create unique index on only pt (k)",
                "drop index t_a_idx",
                "reindex index t_a_idx",
                "reindex table t",
                "alter index t_a_idx rename to i",
                "alter index t_a_idx set (fillfactor = 70)",
                "cluster t using t_pkey",
                // partitions
                "create table pt2 partition of pt for values from (100) to (200)",
                "alter table pt attach partition pn for values from (100) to (200)",
                "alter table pt detach partition pt1",
                // tables
                "create table n (id int references p)",
                "create table n (like t including all)",
                "create table n () inherits (other)",
                "create table n as select * from p",
                "drop table t",
                "drop table k1",
                "truncate k1",
                "truncate p cascade",
                "lock table t in share row exclusive mode",
                "lock table t",
                // views and the rest
                "create view v2 as select * from p",
                "create or replace view vw as select id, 1 as a from p",
                "drop view vw",
                "alter view vw set (security_barrier)",
                "refresh materialized view mv",
                "refresh materialized view concurrently mv",
                "drop materialized view mv",
                "create trigger tr2 after insert on t execute function trg()",
                "drop trigger tr on p",
                "create rule r as on insert to k1 do nothing",
                "create policy pol on t",
                "create statistics st on a, u from t",
                "create publication pub for table t",
                "analyze t",
                "comment on table t is 'x'",
                "comment on column t.a is 'x'",
                "grant select on t to public",
                "create type en as enum ('a')",
                "create function f() returns int language sql as 'select 1'",
                "create sequence sq2",
                "alter sequence sq increment 5",
                "drop sequence sq",
                "create schema sc",
                "alter domain dm add check (value > 0)",
                "alter domain dm add check (value > 0) not valid",
                // queries
                "select * from t where a > 0",
                "select * from t for update",
                "select * from t x join other on true for share of x limit 1",
                "update t set a = a + 1",
                "delete from other where id in (select x from p)",
                "insert into k1 select a from t",
                "with w as (delete from other returning id) insert into k1 select id from w",
                "merge into other using k1 on other.id = k1.a when not matched then insert values (1, 1)");
    }

    @ParameterizedTest
    @MethodSource("statements")
    void theTableSaysWhatTheServerDoes(String sql) throws SQLException {
        Statement statement = PARSER.parseScript(sql).getFirst();
        StatementProfile profile = LockModel.profile(statement);
        Measured measured = Measured.on(database, sql);

        assertThat(profile.coverage()).isNotEqualTo(Coverage.UNKNOWN);
        assertThat(profile.runsInTransaction()).isTrue();
        for (RelationLock lock : profile.locks()) {
            String name = lock.relation().name();
            if (!name.startsWith("t_") && !name.equals("k1u")) {
                assertThat(measured.locks()).as("lock on %s", name).containsEntry(name, lock.mode());
            }
            assertAnswer(
                    "rewrites " + name, lock.rewrites(), measured.rewritten().contains(name));
            if (!profile.description().startsWith("TRUNCATE")) {
                // TRUNCATE builds the indexes over the new, empty file; the server counts that as a scan.
                assertAnswer("scans " + name, lock.scans(), measured.scanned().contains(name));
            }
        }
        if (profile.coverage() == Coverage.KNOWN) {
            assertThat(measured.locks().keySet())
                    .as("locked, and not foreseen")
                    .isSubsetOf(Stream.concat(
                                    profile.locks().stream()
                                            .map(lock -> lock.relation().name()),
                                    // come with their parent
                                    Stream.of("pt1", "child"))
                            .toList());
        }
    }

    private static void assertAnswer(String what, Likelihood said, boolean measured) {
        if (said != Likelihood.DEPENDS) {
            assertThat(measured).as(what).isEqualTo(said == Likelihood.YES);
        }
    }
}
