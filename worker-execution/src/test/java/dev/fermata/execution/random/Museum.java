package dev.fermata.execution.random;

import java.util.ArrayList;
import java.util.List;

/** A schema with one of everything, each in the way of something else. */
final class Museum {
    private static final String SQL = """
        CREATE SCHEMA "Old Stock";;
        CREATE SCHEMA audit;;
        CREATE COLLATION audit.german (provider = icu, locale = 'de-DE');;
        CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');;
        CREATE DOMAIN audit.grade AS integer DEFAULT 3 CHECK (VALUE BETWEEN 1 AND 6);;
        CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');;
        CREATE TYPE place AS (street text, zip integer);;
        CREATE SEQUENCE numbers START 7;;
        CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';;
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := coalesce(NEW.note, $$t$$); RETURN NEW; END';;
        CREATE TABLE people (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE audit.german NOT NULL,
          mail email, feels mood DEFAULT 'ok', home place, grade audit.grade, note varchar(40), age integer,
          CONSTRAINT people_mail UNIQUE (mail), CONSTRAINT adult CHECK (age >= 18 OR note IS NOT NULL));;
        CREATE TABLE "Order" ("Id" bigint PRIMARY KEY DEFAULT nextval('numbers'), person integer NOT NULL REFERENCES people,
          "when" timestamptz DEFAULT '2026-01-01 00:00Z', amount numeric(8,2) CHECK (amount >= 0), cents bigint GENERATED
          ALWAYS AS ((amount * 100)::bigint) STORED, note text, old json);;
        CREATE TABLE lines (order_id bigint REFERENCES "Order" ON DELETE CASCADE, no smallserial, what text, n integer,
          PRIMARY KEY (order_id, no), CONSTRAINT lines_place UNIQUE (order_id, n) DEFERRABLE INITIALLY DEFERRED);;
        CREATE TABLE tree (id integer PRIMARY KEY, parent integer REFERENCES tree DEFERRABLE, name text);;
        CREATE TABLE "Old Stock".things (id integer PRIMARY KEY, people integer, note text DEFAULT 'x', tags text[]);;
        CREATE TABLE "Old Stock".people (id serial PRIMARY KEY, note text);;
        CREATE TABLE events (id bigint, day date NOT NULL, person integer REFERENCES people, note text,
          PRIMARY KEY (id, day)) PARTITION BY RANGE (day);;
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-06-01');;
        CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-06-01') TO ('2027-01-01');;
        CREATE TABLE loose (id bigint NOT NULL, day date NOT NULL, person integer, note text, PRIMARY KEY (id, day));;
        CREATE TABLE animals (id integer PRIMARY KEY, name text NOT NULL, legs integer DEFAULT 4);;
        CREATE TABLE birds (wings integer) INHERITS (animals);;
        CREATE TABLE spans (id integer, at int4range, EXCLUDE USING gist (at WITH &&));;
        CREATE INDEX people_lower ON people (lower(name)) WHERE age > 20;;
        CREATE UNIQUE INDEX order_note ON "Order" (note) INCLUDE (amount) NULLS NOT DISTINCT WHERE note IS NOT NULL;;
        CREATE INDEX events_note ON events (note DESC NULLS LAST);;
        CREATE INDEX things_tags ON "Old Stock".things USING gin (tags);;
        CREATE STATISTICS people_stats (dependencies) ON name, age FROM people;;
        CREATE VIEW z_names AS SELECT id, name, age FROM people;;
        CREATE VIEW a_adults AS SELECT id, name FROM z_names WHERE age > 17;;
        CREATE MATERIALIZED VIEW sums AS SELECT person, sum(amount) AS amount FROM "Order" GROUP BY person;;
        CREATE UNIQUE INDEX sums_person ON sums (person);;
        CREATE MATERIALIZED VIEW old_names AS SELECT name FROM a_adults WITH NO DATA;;
        CREATE VIEW "Old Stock".all_things AS SELECT t.id, t.note, p.name FROM "Old Stock".things t JOIN people p ON p.id = t.people;;
        CREATE FUNCTION adults() RETURNS SETOF a_adults LANGUAGE sql STABLE AS 'SELECT * FROM a_adults';;
        CREATE FUNCTION feels_of(mood) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text';;
        CREATE TRIGGER touched BEFORE INSERT OR UPDATE OF note ON people FOR EACH ROW EXECUTE FUNCTION touch();;
        CREATE TRIGGER touched BEFORE INSERT ON "Order" FOR EACH ROW WHEN (NEW.amount > 5) EXECUTE FUNCTION touch();;
        CREATE RULE keep AS ON DELETE TO "Old Stock".people DO INSTEAD NOTHING;;
        ALTER TABLE tree ENABLE ROW LEVEL SECURITY;;
        CREATE POLICY own ON tree FOR SELECT USING (name = current_user);;
        GRANT SELECT ON people, a_adults, sums TO pg_monitor;;
        GRANT SELECT (name), UPDATE (age) ON people TO pg_database_owner;;
        GRANT USAGE ON SEQUENCE numbers, people_id_seq TO pg_monitor;;
        GRANT EXECUTE ON FUNCTION twice TO pg_monitor;;
        ALTER DEFAULT PRIVILEGES IN SCHEMA audit GRANT SELECT ON TABLES TO pg_monitor;;
        ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO pg_read_all_data;;
        ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;;
        COMMENT ON TABLE people IS 'who';;
        COMMENT ON COLUMN people.note IS 'what';;
        COMMENT ON VIEW a_adults IS 'grown';;
        COMMENT ON CONSTRAINT adult ON people IS 'grown';;
        COMMENT ON INDEX people_lower IS 'found';;
        COMMENT ON SEQUENCE people_id_seq IS 'counts';;
        COMMENT ON TYPE mood IS 'felt';;
        CREATE PUBLICATION sent FOR TABLE people (id, name, note), lines;;
        ALTER TABLE people ALTER COLUMN note SET STATISTICS 50, ALTER COLUMN name SET STORAGE external;;
        ALTER TABLE animals SET (fillfactor = 80, autovacuum_enabled = off);;
        INSERT INTO people (name, mail, feels, home, note, age) SELECT 'p' || n, 'p' || n || '@x', (ARRAY['sad', 'ok',
          'glad'])[1 + n % 3]::mood, ROW('s' || n, n)::place, nullif('n' || n % 9, 'n3'), 17 + n % 40 FROM generate_series(1, 90) n
          WHERE 17 + n % 40 >= 18;;
        INSERT INTO "Order" (person, amount, note, old) SELECT id, id / 3.0, 'o' || id, '{"a": 1}' FROM people;;
        INSERT INTO lines (order_id, what, n) SELECT "Id", 'w' || g, g FROM "Order", generate_series(1, 2) g;;
        INSERT INTO tree SELECT n, nullif(n / 2, 0), 't' || n FROM generate_series(1, 60) n;;
        INSERT INTO "Old Stock".things SELECT id, id, 'y', ARRAY['a', name] FROM people;;
        INSERT INTO "Old Stock".people (note) SELECT 'q' || n FROM generate_series(1, 20) n;;
        INSERT INTO events SELECT n, date '2026-01-01' + n, 1 + n % 5, 'e' || n FROM generate_series(1, 300) n;;
        INSERT INTO animals SELECT n, 'a' || n FROM generate_series(1, 20) n;;
        INSERT INTO birds SELECT 100 + n, 'b' || n, 2, 2 FROM generate_series(1, 20) n;;
        INSERT INTO spans SELECT n, int4range(n * 10, n * 10 + 5) FROM generate_series(1, 20) n;;
        REFRESH MATERIALIZED VIEW sums
        """;

    static final List<String> TABLES = List.of(
            "people",
            "\"Order\"",
            "lines",
            "tree",
            "\"Old Stock\".things",
            "\"Old Stock\".people",
            "events",
            "events_1",
            "loose",
            "animals",
            "birds",
            "spans");
    static final List<String> COLUMNS = List.of(
            "id",
            "name",
            "mail",
            "feels",
            "home",
            "grade",
            "note",
            "age",
            "\"Id\"",
            "person",
            "\"when\"",
            "amount",
            "cents",
            "old",
            "order_id",
            "no",
            "what",
            "n",
            "parent",
            "people",
            "tags",
            "day",
            "legs",
            "wings",
            "at");
    static final List<String> VIEWS = List.of("z_names", "a_adults", "sums", "old_names", "\"Old Stock\".all_things");
    static final List<String> CONSTRAINTS = List.of(
            "people_mail",
            "adult",
            "people_pkey",
            "\"Order_person_fkey\"",
            "\"Order_pkey\"",
            "\"Order_amount_check\"",
            "lines_place",
            "lines_order_id_fkey",
            "tree_parent_fkey",
            "tree_pkey",
            "events_person_fkey",
            "events_pkey",
            "spans_at_excl",
            "things_pkey");
    static final List<String> INDEXES = List.of(
            "people_lower", "order_note", "events_note", "\"Old Stock\".things_tags", "sums_person", "people_pkey");
    static final List<String> TYPES = List.of(
            "bigint",
            "text",
            "varchar(100)",
            "varchar(5)",
            "numeric",
            "timestamptz",
            "email",
            "audit.grade",
            "mood",
            "jsonb",
            "uuid",
            "text COLLATE audit.german",
            "integer[]");

    private Museum() {}

    static List<String> fill() {
        return new ArrayList<>(List.of(SQL.strip().split(";;\n")));
    }
}
