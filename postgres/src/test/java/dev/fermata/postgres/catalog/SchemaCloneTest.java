package dev.fermata.postgres.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.postgres.targets.SafeMessage;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaCloneTest {
    private static final String SEQUENCE_POSITIONS = """
        select string_agg(format('%s.%s %s', schemaname, sequencename, last_value), ', ' order by schemaname,
          sequencename) from pg_sequences\
        """;

    private static final String FOR_SUPERUSERS = """
        create table t (a int);
        create extension pg_trgm; create extension pg_stat_statements;
        comment on extension pg_stat_statements is 'for the dashboards';
        create view slow as select query from pg_stat_statements; comment on view slow is 'since yesterday';
        create publication everything for all tables; comment on publication everything is 'for the warehouse';
        create schema more; create publication mixed for table t, tables in schema more;
        create publication plain for table t;
        create function same(text default E'\n LANGUAGE sql') returns text language sql immutable leakproof
          as 'select $1';
        create function native(int) returns int language internal as 'int4um';
        comment on function native(int) is 'minus';
        create function quietly() returns int language sql set log_min_duration_statement = -1 as 'select 1';
        create function audited() returns event_trigger language plpgsql as 'begin end';
        create event trigger audit on ddl_command_end execute function audited();
        comment on event trigger audit is 'by the auditors'; alter event trigger audit disable\
        """;

    @Test
    void cloneHasTheSameSchemaRowsAndSequencePositions() throws SQLException {
        try (Sql source = Sql.withRichSchema().run(Sql.resource("rich-data.sql"));
                Sql clone = Sql.empty()) {
            cloneInto(source, clone);

            assertThat(differences(source, clone)).isEmpty();
            assertThat(contents(clone)).isEqualTo(contents(source));
            assertThat(clone.ask(SEQUENCE_POSITIONS)).isEqualTo(source.ask(SEQUENCE_POSITIONS));
        }
    }

    @Test
    void cloneOfACloneIsTheSameScript() throws SQLException {
        try (Sql source = Sql.withRichSchema();
                Sql clone = Sql.empty()) {
            cloneInto(source, clone);
            assertThat(SchemaScript.read(clone.connection())).isEqualTo(SchemaScript.read(source.connection()));
        }
    }

    @Test
    void copiesOneSnapshotWhileOthersWrite() throws SQLException {
        try (Sql source = Sql.empty().run("create table a (x int); create table b (x int)");
                Sql clone = Sql.empty().run("create table a (x int); create table b (x int)")) {
            source.connection().setAutoCommit(false);
            source.run("set transaction isolation level repeatable read; select 1 from a");
            try (var other = source.database().connectAsSuperuser();
                    var statement = other.createStatement()) {
                statement.execute("insert into a values (1); insert into b values (1)");
            }
            assertThat(TableCopy.copyAll(source.connection(), clone.connection()))
                    .extracting(TableCopy.Copied::rows)
                    .containsExactly(0L, 0L);
            source.connection().rollback();
        }
    }

    @Test
    void oddDependenciesFindTheirOrder() throws SQLException {
        try (Sql source = Sql.empty().run("""
            create table a (id int primary key, n text);
            create view grouped as select id, n from a group by id;
            create function from_view() returns setof grouped language sql begin atomic select * from grouped; end;
            create view over_function as select * from from_view();
            create function of_row(a) returns int language sql immutable as 'select $1.id';
            create index by_row on a (of_row(a));
            create function default_of_b() returns int language plpgsql as 'begin return (select count(*) from b); end';
            create table b (x int default default_of_b(), y a);
            create materialized view m as select * from over_function;
            create view z_first as select * from m; create view a_last as select * from z_first;
            create domain d as int; create function is_d(d) returns boolean language sql immutable as 'select $1 > 0';
            alter domain d add check (is_d(value));
            create table uses_d (d d, e d[]);
            create rule r as on insert to a_last do instead insert into a values (new.id, new.n);
            create sequence s; alter sequence s owned by b.x; create table other (x int default nextval('s'));
            insert into a values (1, 'x')\
            """);
                Sql clone = Sql.empty()) {
            cloneInto(source, clone);
            assertThat(differences(source, clone)).isEmpty();
        }
    }

    /** What is from parents alone goes when the parents lose it; the rest stays. */
    @Test
    void columnsOfHeirsAreTheirOwnOrTheirParentsAsTheyAreInTheSource() throws SQLException {
        String whose = """
            select string_agg(format('%s.%s %s %s', attrelid::regclass, attname, attislocal, attinhcount), ', '
                order by attrelid::regclass::text, attnum)
              || (select coalesce(string_agg(format('; %s.%s %s %s', conrelid::regclass, conname, conislocal, coninhcount),
                  '' order by conrelid::regclass::text, conname), '')
                  from pg_constraint where contype in ('c', 'n') and connamespace = 'public'::regnamespace)
            from pg_attribute join pg_class c on c.oid = attrelid
            where attnum > 0 and not attisdropped and relkind = 'r' and relnamespace = 'public'::regnamespace
            """;
        try (Sql source = Sql.empty().run("""
            create table base (id int not null, note text collate "C" default 'n', check (id > 0));
            create table other (note text collate "C", size int not null default 3);
            create table heir (own int not null, id int) inherits (base, other);
            create table grandchild (last text) inherits (heir);
            create unlogged table plain () inherits (base);
            alter table base add column late text not null; alter table heir add column later int;
            alter table plain add column computed int generated always as (id + 1) stored;
            alter table plain alter column note set default 'm'; alter table plain alter column note set not null;
            create table adopted (x int, id int not null, note text collate "C", late text not null, check (id > 0));
            alter table adopted add constraint base_id_check check (id > 0); alter table adopted inherit base;
            create table numbered (id int generated always as identity) inherits (base);
            create table a_base (id int); create table b_heir (constraint c check (id > 0)) inherits (a_base);
            alter table a_base add constraint c check (id > 0) not valid;
            create table "a name, quoted" (n int) inherits (other);
            insert into grandchild (id, late, size, own) values (1, 'x', 4, 5)\
            """);
                Sql clone = Sql.empty()) {
            cloneInto(source, clone);
            assertThat(differences(source, clone)).isEmpty();
            assertThat(clone.ask(whose)).isEqualTo(source.ask(whose));
            assertThat(SchemaScript.read(clone.connection())).isEqualTo(SchemaScript.read(source.connection()));
            assertThat(contents(clone)).isEqualTo(contents(source));
            String drops = "alter table base drop column note; alter table other drop column size";
            source.run(drops);
            clone.run(drops);
            assertThat(differences(source, clone)).isEmpty();
        }
    }

    @Test
    void indexesThatFailedFailInTheCloneOfAnyRoleWhateverTheRowsAre() throws SQLException {
        try (Sql source = Sql.empty().run("create table t (a int, b int); insert into t values (1, 0), (1, 1)");
                Sql clone = Sql.empty();
                Connection ordinary = clone.database().connect()) {
            assertThatThrownBy(() -> source.run("create unique index concurrently repeated on t (a)"));
            assertThatThrownBy(() -> source.run("create index concurrently divided on t ((1 / b))"));
            source.run("create unique index mended on t (a, b); comment on index repeated is 'see ticket'");
            source.run("update pg_index set indisvalid = false where indexrelid = 'mended'::regclass");
            assertThat(copy(source, clone, ordinary).missing()).isEmpty();
            assertThat(differences(source, clone)).isEmpty();
            assertThat(clone.ask("select count(*) from pg_index where not indisvalid"))
                    .isEqualTo("3");
        }
    }

    @Test
    void whatOnlyASuperuserMayMakeIsInTheCopyOfASuperuser() throws SQLException {
        try (Sql source = Sql.empty().run(FOR_SUPERUSERS);
                Sql clone = Sql.empty()) {
            cloneInto(source, clone);
            assertThat(differences(source, clone)).isEmpty();
            assertThat(clone.ask("select proleakproof from pg_proc where proname = 'same'"))
                    .isEqualTo("t");
        }
    }

    @Test
    void anOrdinaryRolesCopyIsWithoutWhatOnlyASuperuserMayMakeAndSaysSo() throws SQLException {
        try (Sql source = Sql.empty().run(FOR_SUPERUSERS);
                Sql clone = Sql.empty();
                Connection ordinary = clone.database().connect()) {
            List<Dispensable> missing = copy(source, clone, ordinary).missing();
            assertThat(missing)
                    .extracting(Dispensable::name)
                    .containsExactlyInAnyOrder(
                            "extension pg_stat_statements",
                            "LEAKPROOF of function public.same(text)",
                            "function public.native(integer)",
                            "function public.quietly()",
                            "publication everything",
                            "publication mixed",
                            "event trigger audit");
            assertThat(CatalogDiff.between(
                                    source.snapshot().withoutOwnership().without(Dispensable.identities(missing)),
                                    clone.snapshot().withoutOwnership().without(Dispensable.identities(missing)))
                            .describe())
                    .isEmpty();
            assertThat(clone.ask("select same(' LEAKPROOF') || count(*) from pg_extension where extname = 'pg_trgm'"))
                    .isEqualTo(" LEAKPROOF1");
        }
    }

    @Test
    void thereIsNoCopyWithoutWhatTablesNeed() throws SQLException {
        try (Sql source = Sql.empty()
                        .run("create extension bloom; create table t (a int); create index i on t using bloom (a)");
                Sql clone = Sql.empty();
                Connection ordinary = clone.database().connect()) {
            assertThatThrownBy(() -> copy(source, clone, ordinary))
                    .isInstanceOfSatisfying(SQLException.class, e -> assertThat(SafeMessage.of(e))
                            .isEqualTo(new SafeMessage(
                                    "42501",
                                    "extension bloom may not be made by the role that makes the copy, and index"
                                        + " public.i needs it; an extension can be allowed to it with 'trusted = true'"
                                        + " in the extension's control file, or by the role that the provider of the"
                                        + " server has for that")));
        }
    }

    @Test
    void whereTheSequencesOfOthersStandIsLeftOutWithWhatToGrant() throws SQLException {
        try (Sql source = Sql.empty().run("create schema billing create sequence numbers; create sequence hidden");
                Connection ordinary = source.database().connect()) {
            source.run("create sequence shown; grant select on shown to "
                    + source.database().user());
            String user = source.database().user();
            SchemaScript script = SchemaScript.read(ordinary);
            assertThat(script.sequencePositions())
                    .containsExactly("SELECT pg_catalog.setval('public.shown', 1, false)");
            assertThat(script.leftOut())
                    .containsExactly(
                            "position of sequence billing.numbers, which may not be read (GRANT USAGE ON SCHEMA"
                                    + " billing TO "
                                    + user + "; GRANT SELECT ON SEQUENCE billing.numbers TO " + user + ";)",
                            "position of sequence public.hidden, which may not be read (GRANT SELECT ON SEQUENCE"
                                    + " public.hidden TO " + user + ";)");
            assertThat(SchemaScript.readDefinitions(ordinary).leftOut()).isEmpty();
        }
    }

    @Test
    void aPolicyForARoleIsClonedByOneThatMayMakeNoRoles() throws SQLException {
        try (Sql source = Sql.empty();
                Sql clone = Sql.empty();
                Connection ordinary = clone.database().connect()) {
            source.run("create table t (a int); create policy p on t to "
                    + source.database().newUser());
            assertThat(copy(source, clone, ordinary).missing()).isEmpty();
            assertThat(differences(source, clone)).isEmpty();
        }
    }

    @Test
    void indexThatIsInvalidIsInvalidInTheClone() throws SQLException {
        try (Sql source = Sql.empty().run("create table t (a int); insert into t values (1), (1)");
                Sql clone = Sql.empty()) {
            assertThatThrownBy(() -> source.run("create unique index concurrently broken on t (a)"));
            source.run("delete from t where ctid = '(0,1)'");
            cloneInto(source, clone);
            assertThat(clone.snapshot().definition("index public.broken"))
                    .hasValueSatisfying(definition -> assertThat(definition).endsWith("INVALID"));
            assertThat(differences(source, clone)).isEmpty();
        }
    }

    @Test
    void whatCountsOnTheSearchPathOfSessionsIsClonedWithIt() throws SQLException {
        try (Sql source = Sql.empty().run("""
            create type pair as (a int, b int);
            create function to_pair(text) returns pair language sql immutable as 'select row(1, length($1))::pair';
            create function longer(text) returns boolean language plpgsql immutable as
              'begin return (to_pair($1)).b > 1; end';
            create table t (id int primary key, note text, pair pair generated always as (to_pair(note)) stored,
              check (longer(note)));
            insert into t values (1, 'one'), (2, 'three')\
            """);
                Sql clone = Sql.empty()) {
            cloneInto(source, clone);
            assertThat(differences(source, clone)).isEmpty();
            assertThat(contents(clone)).isEqualTo(contents(source));
        }
    }

    @Test
    void whatIsMissingForGoodIsAnErrorAllTheSame() throws SQLException {
        try (Sql clone = Sql.empty()) {
            SchemaScript script = new SchemaScript(
                    List.of("create table t (a int)", "create index i on nowhere (a)"),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of());
            SchemaCopy copy = script.into(clone.connection(), clone.database()::connectAsSuperuser);
            assertThatThrownBy(copy::beforeData)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42P01"));
        }
    }

    @Test
    void saysWhatItLeavesOut() throws SQLException {
        try (Sql source = Sql.empty().run("""
            create operator <<<>>> (leftarg = int, rightarg = int, function = int4pl);
            create text search configuration words (copy = english);
            create extension postgres_fdw; create server far foreign data wrapper postgres_fdw;
            create foreign table ft (a int) server far\
            """)) {
            assertThat(SchemaScript.read(source.connection()).leftOut())
                    .containsExactly(
                            "foreign server far",
                            "foreign table public.ft",
                            "operator public.<<<>>>(integer,integer)",
                            "text search configuration public.words");
        }
    }

    @Test
    void refusesACloneThatIsInATransaction() throws SQLException {
        try (Sql sql = Sql.empty()) {
            SchemaScript script = SchemaScript.read(sql.connection());
            sql.connection().setAutoCommit(false);
            assertThatThrownBy(() -> script.into(sql.connection(), sql.database()::connectAsSuperuser))
                    .hasMessage("clone: in a transaction (expected: a connection in autocommit mode)");
            sql.connection().rollback();
        }
    }

    private static void cloneInto(Sql source, Sql clone) throws SQLException {
        assertThat(copy(source, clone, clone.connection()).missing()).isEmpty();
    }

    /** @param into the clone, by whatever role is to make it */
    private static SchemaCopy copy(Sql source, Sql clone, Connection into) throws SQLException {
        SchemaScript script = SchemaScript.read(source.connection());
        assertThat(script.leftOut()).isEmpty();
        SchemaCopy copy = script.into(
                into, into == clone.connection() ? clone.database()::connectAsSuperuser : clone.database()::connect);
        copy.beforeData();
        TableCopy.copyAll(source.connection(), into);
        copy.afterData();
        copy.sequencePositions();
        return copy;
    }

    private static List<String> differences(Sql source, Sql clone) throws SQLException {
        return CatalogDiff.between(
                        source.snapshot().withoutOwnership(), clone.snapshot().withoutOwnership())
                .describe();
    }

    private static List<ContentChecksum> contents(Sql sql) throws SQLException {
        List<ContentChecksum> contents = new ArrayList<>();
        for (TableStats table : TableStats.all(sql.connection())) {
            if (!table.name().name().equals("empty_counts")) {
                contents.add(ContentChecksum.of(sql.connection(), table.name()));
            }
        }
        return contents;
    }
}
