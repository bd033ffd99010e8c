package dev.fermata.postgres.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SchemaReaderTest {
    private static final QualifiedName ORDERS = new QualifiedName("shop", "Orders");

    private static TestDatabase database;
    private static SchemaModel schema;

    @BeforeAll
    static void read() throws SQLException {
        database = RealPostgres.shared().newDatabase();
        database.execute("""
            create schema shop;
            create type shop.state as enum ('new', 'paid');
            create domain shop.positive as int not null check (value > 0);
            create table shop.customers (id bigint generated always as identity primary key, states shop.state[]);
            create table shop."Orders" (
              id bigint primary key,
              customer bigint references shop.customers,
              amount shop.positive default 1,
              twice bigint generated always as (customer * 2) stored,
              note text collate "C",
              constraint late check (note <> ''));
            alter table shop."Orders" drop constraint late, add constraint late check (note <> '') not valid;
            create unique index by_note on shop."Orders" (lower(note), id) include (customer) where id > 5;
            create view shop.totals as select customer, sum(amount) as total from shop."Orders" group by customer;
            create function shop.touch() returns trigger language plpgsql as 'begin new.note := null; return new; end';
            create trigger touched before update on shop."Orders" for each row execute function shop.touch();
            create function shop.count_them() returns bigint language plpgsql security definer set search_path = shop
              as 'begin return (select count(note) from "Orders"); end';
            create policy mine on shop."Orders" for select using (customer > 0);
            alter table shop."Orders" enable row level security;
            alter table shop."Orders" replica identity full;
            create table shop.events (at date not null) partition by range (at);
            create table shop.events_1 partition of shop.events for values from ('2026-01-01') to ('2027-01-01');
            create table shop.events_rest partition of shop.events default;
            create unlogged table shop.scratch (a int)\
            """);
        try (Connection connection = database.connectAsSuperuser();
                Statement statement = connection.createStatement()) {
            statement.execute("create publication sent for table shop.\"Orders\" (id, note)");
        }
        try (Connection connection = database.connect()) {
            schema = SchemaReader.read(connection);
        }
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    private static Relation orders() {
        return schema.relation(ORDERS).orElseThrow();
    }

    @Test
    void columnsHaveTheirTypesDefaultsAndCollations() {
        assertThat(orders().columns())
                .extracting(Column::name, Column::type, Column::generated, Column::collation)
                .containsExactly(
                        tuple("id", "bigint", Column.Generated.NO, null),
                        tuple("customer", "bigint", Column.Generated.NO, null),
                        tuple("amount", "shop.positive", Column.Generated.NO, null),
                        tuple("twice", "bigint", Column.Generated.STORED, null),
                        tuple("note", "text", Column.Generated.NO, "pg_catalog.\"C\""));
        assertThat(orders().column("amount").orElseThrow().defaultExpression()).isEqualTo("1");
        assertThat(schema.relation("shop", "customers")
                        .flatMap(table -> table.column("id"))
                        .orElseThrow()
                        .identity())
                .isEqualTo(Column.Identity.ALWAYS);
    }

    @Test
    void anIndexTellsKeysExpressionsAndWhatItCarriesAlong() {
        Index index = schema.index("shop", "by_note").orElseThrow();
        assertThat(index.keys()).containsExactly("", "id");
        assertThat(index.included()).containsExactly("customer");
        assertThat(index.predicate()).isEqualTo("(id > 5)");
        assertThat(index.unique()).isTrue();
        assertThat(index.constraintName()).isEmpty();
        assertThat(index.table()).isEqualTo(ORDERS);
        assertThat(schema.index("shop", "Orders_pkey").orElseThrow().constraintName())
                .contains("Orders_pkey");
    }

    @Test
    void constraintsKnowWhatTheyPointToAndWhetherTheyAreProven() {
        Constraint foreignKey = orders().constraint("Orders_customer_fkey").orElseThrow();
        assertThat(foreignKey.kind()).isEqualTo(Constraint.Kind.FOREIGN_KEY);
        assertThat(foreignKey.references()).isEqualTo(new QualifiedName("shop", "customers"));
        assertThat(foreignKey.referencedColumns()).containsExactly("id");
        assertThat(foreignKey.validated()).isTrue();
        assertThat(orders().constraint("late").orElseThrow().validated()).isFalse();
        assertThat(schema.foreignKeysTo(new QualifiedName("shop", "customers"))).containsExactly(foreignKey);
    }

    @Test
    void dependantsAreNamedWithTheColumnsTheyUse() {
        assertThat(schema.dependants(ORDERS))
                .extracting(Dependant::kind, Dependant::name, Dependant::columns, Dependant::certainty)
                .contains(
                        tuple("view", "shop.totals", Set.of("customer", "amount"), Dependant.Certainty.CATALOG),
                        tuple("policy", "mine on shop.\"Orders\"", Set.of("customer"), Dependant.Certainty.CATALOG),
                        tuple(
                                "generated column",
                                "shop.\"Orders\".twice",
                                Set.of("customer"),
                                Dependant.Certainty.CATALOG),
                        tuple("function", "shop.count_them", Set.of("note"), Dependant.Certainty.MENTIONED),
                        tuple("publication", "sent", Set.of("id", "note"), Dependant.Certainty.CATALOG),
                        tuple("trigger", "touched on shop.\"Orders\"", Set.of(), Dependant.Certainty.CATALOG));
        assertThat(schema.dependants(new QualifiedName("shop", "customers")))
                .extracting(Dependant::kind, Dependant::name)
                .contains(tuple("foreign key", "Orders_customer_fkey on shop.\"Orders\""));
    }

    @Test
    void typesKnowWhoUsesThemAlsoThroughArrays() {
        UserType state = schema.type("shop", "state").orElseThrow();
        assertThat(state.labels()).containsExactly("new", "paid");
        assertThat(state.usedBy()).containsExactly(new ColumnName(new QualifiedName("shop", "customers"), "states"));
        UserType positive = schema.type("shop", "positive").orElseThrow();
        assertThat(positive.baseType()).isEqualTo("integer");
        assertThat(positive.constraints()).contains("NOT NULL").hasSize(2);
        assertThat(positive.usedBy()).containsExactly(new ColumnName(ORDERS, "amount"));
    }

    @Test
    void partitionsKnowTheirParentAndWhichOneTakesTheRest() {
        QualifiedName events = new QualifiedName("shop", "events");
        assertThat(schema.withDescendants(events))
                .extracting(relation -> relation.name().name())
                .containsExactly("events", "events_1", "events_rest");
        assertThat(schema.relation("shop", "events_rest").orElseThrow().isDefaultPartition())
                .isTrue();
        assertThat(schema.relation("shop", "events_1").orElseThrow().parents()).containsExactly(events);
        assertThat(schema.relation("shop", "events").orElseThrow().partitionKey())
                .isEqualTo("RANGE (at)");
    }

    @Test
    void theRestOfATableIsThereToo() {
        assertThat(orders().rowSecurity()).isTrue();
        assertThat(orders().replicaIdentity()).isEqualTo(Relation.ReplicaIdentity.FULL);
        assertThat(orders().triggers()).extracting(Trigger::name).containsExactly("touched");
        assertThat(orders().owner()).isEqualTo(database.user());
        assertThat(schema.relation("shop", "scratch").orElseThrow().persistence())
                .isEqualTo(Relation.Persistence.UNLOGGED);
        assertThat(schema.publicationsOf(ORDERS)).extracting(Publication::name).containsExactly("sent");
        assertThat(schema.routines())
                .filteredOn(Routine::securityDefiner)
                .singleElement()
                .satisfies(routine -> assertThat(routine.settings()).containsExactly("search_path=shop"));
    }

    @Test
    void givenARoleWithoutRightsWhenItReadsThenItSeesTheSame() throws SQLException {
        String role = "nobody_" + database.name();
        RealPostgres.shared().execute("create role " + role + " login password 'x'");
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), role, "x")) {
            SchemaModel seen = SchemaReader.read(connection);
            assertThat(seen.relations()).containsExactlyElementsOf(schema.relations());
            assertThat(seen.searchPath()).isEqualTo(List.of("public"));
        } finally {
            RealPostgres.shared().execute("drop role " + role);
        }
    }
}
