package dev.fermata.execution.backup;

import dev.fermata.contracts.id.RunId;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.SQLException;
import java.util.Set;

/** A database with everything in it that is hard to bring back. */
final class RichShop {
    static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    static final String DIGEST = "sha256:3f2a9c1b0d4e55aa3f2a9c1b0d4e55aa3f2a9c1b0d4e55aa3f2a9c1b0d4e55aa";
    static final QualifiedName ORDERS = new QualifiedName("public", "orders");
    static final QualifiedName EVENTS = new QualifiedName("public", "events");
    static final QualifiedName ODD = new QualifiedName("odd schema", "Odd/Name \"x\"");
    static final Set<QualifiedName> AFFECTED = Set.of(ORDERS, EVENTS, ODD, new QualifiedName("public", "nothing"));

    private RichShop() {}

    static void fill(TestDatabase database) throws SQLException {
        database.execute(statements());
    }

    static String[] statements() {
        return new String[] {
            "CREATE TYPE mood AS ENUM ('fine', 'not fine')",
            "CREATE TABLE customers (id integer PRIMARY KEY, name text)",
            "INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 100) n",
            """
            CREATE TABLE orders (
              id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer integer REFERENCES customers,
              parent integer REFERENCES orders, mood mood NOT NULL DEFAULT 'fine', price numeric(12, 4) CHECK (price > 0),
              twice numeric GENERATED ALWAYS AS (price * 2) STORED, note text, raw bytea, lasted interval,
              at timestamptz, near float8, tags text[], EXCLUDE USING btree (id WITH =))
            """,
            "ALTER TABLE orders DROP COLUMN note",
            "ALTER TABLE orders ADD COLUMN note text DEFAULT E'tab\\t, \\\\N and line\\nend'",
            """
            INSERT INTO orders (customer, parent, mood, price, raw, lasted, at, near, tags)
            SELECT n % 100 + 1, NULLIF(n / 2, 0), CASE n % 2 WHEN 0 THEN 'fine' ELSE 'not fine' END::mood, n * 1.0001,
              decode(md5(n::text), 'hex'), n * interval '1 month 2 days -3.5 s', 'epoch'::timestamptz + n * interval '1 day',
              CASE n WHEN 1 THEN 'NaN' WHEN 2 THEN '-Infinity' ELSE n / 3.0 END, ARRAY[n::text, NULL, 'a,"b"']
            FROM generate_series(1, 2000) n
            """,
            "CREATE INDEX orders_mood ON orders (mood) WHERE price > 10",
            "CREATE UNIQUE INDEX orders_once ON orders (lower(note), id)",
            "CREATE SEQUENCE numbers START 5 INCREMENT 7",
            "SELECT nextval('numbers'), nextval('numbers')",
            "CREATE TABLE events (id bigserial, at date NOT NULL, body jsonb, PRIMARY KEY (id, at)) PARTITION BY"
                    + " RANGE (at)",
            "CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2026-01-01')",
            "CREATE TABLE events_rest PARTITION OF events DEFAULT",
            "INSERT INTO events (at, body) SELECT '2025-12-01'::date + n, '{\"n\": 1}' FROM generate_series(1, 60)"
                    + " n",
            "CREATE SCHEMA \"odd schema\"",
            "CREATE TABLE \"odd schema\".\"Odd/Name \"\"x\"\"\" (\"Key\" text PRIMARY KEY, \"select\" integer)",
            "INSERT INTO \"odd schema\".\"Odd/Name \"\"x\"\"\" VALUES ('a', 1), ('', NULL)",
            "CREATE TABLE nothing ()",
            "INSERT INTO nothing DEFAULT VALUES",
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin new.note := ''touched''; return"
                    + " new; end'",
            "CREATE TRIGGER touched BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch()",
            "CREATE VIEW cheap AS SELECT id FROM orders WHERE price < 10",
            "GRANT SELECT ON orders TO PUBLIC",
            "GRANT UPDATE (note) ON orders TO pg_monitor"
        };
    }

    static TargetDatabase target(RealPostgres server, TestDatabase database) {
        return new TargetDatabase(new TargetAddress(
                "shop",
                server.host(),
                server.port(),
                database.name(),
                database.user(),
                Password.of(database.password()),
                "test"));
    }
}
