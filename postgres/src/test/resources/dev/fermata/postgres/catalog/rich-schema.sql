-- Something of every family that a snapshot knows and a script can make again. Run as superuser in an empty database.
CREATE SCHEMA app;
CREATE SCHEMA "Odd Schema";
CREATE SCHEMA ext;
CREATE EXTENSION pg_trgm SCHEMA ext;
CREATE EXTENSION btree_gist SCHEMA public;
CREATE EXTENSION citext;

CREATE TYPE app.mood AS ENUM ('sad', 'it''s ok', 'happy');
ALTER TYPE app.mood ADD VALUE 'neutral' BEFORE 'happy';
CREATE TYPE app.address AS (street text, city text COLLATE "C", zip character varying(10));
CREATE TYPE app.price_range AS RANGE (subtype = numeric, multirange_type_name = app.price_multirange);
CREATE COLLATION app.de (provider = icu, locale = 'de-u-co-phonebk');

CREATE FUNCTION app.is_short(value text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN length(value) < 20;
CREATE DOMAIN app.short_text AS text COLLATE "C" DEFAULT 'none' NOT NULL CONSTRAINT short CHECK (app.is_short(VALUE));
CREATE DOMAIN app.positive AS integer CHECK (VALUE > 0);
ALTER DOMAIN app.positive ADD CONSTRAINT small CHECK (VALUE < 1000000) NOT VALID;

CREATE SEQUENCE app.ticket AS integer INCREMENT BY 5 MINVALUE 10 MAXVALUE 100000 START 20 CACHE 3 CYCLE;
CREATE SEQUENCE public.untouched;
CREATE UNLOGGED SEQUENCE public.fleeting;

CREATE TABLE app.customers (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000 INCREMENT BY 2) PRIMARY KEY,
  name text NOT NULL,
  email citext,
  mood app.mood DEFAULT 'happy',
  home app.address,
  nick app.short_text,
  code integer DEFAULT nextval('app.ticket'),
  legacy_id serial,
  tags text[] DEFAULT '{}'::text[],
  data jsonb,
  born date,
  name_lower text GENERATED ALWAYS AS (lower(name)) STORED,
  name_length integer GENERATED ALWAYS AS (length(name)) VIRTUAL,
  gone integer,
  german text COLLATE app.de,
  valid_for tstzrange,
  created timestamptz NOT NULL DEFAULT '2020-02-03 04:05:06+00'
) WITH (fillfactor = 80, autovacuum_enabled = true, toast.autovacuum_enabled = false);
ALTER TABLE app.customers DROP COLUMN gone;
ALTER TABLE app.customers ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE app.customers ALTER COLUMN data SET COMPRESSION pglz;
ALTER TABLE app.customers ALTER COLUMN born SET STATISTICS 500;
ALTER TABLE app.customers ALTER COLUMN born SET (n_distinct = -0.5);
ALTER TABLE app.customers ADD CONSTRAINT email_looks_right CHECK (email ~ '@') NOT VALID;
ALTER TABLE app.customers ADD CONSTRAINT name_not_blank CHECK (name <> '') NO INHERIT;
ALTER TABLE app.customers ADD CONSTRAINT legacy_unique UNIQUE NULLS NOT DISTINCT (legacy_id) INCLUDE (name);
ALTER TABLE app.customers ADD CONSTRAINT code_unique UNIQUE (code) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE app.customers ADD CONSTRAINT no_overlap EXCLUDE USING gist (legacy_id WITH =, valid_for WITH &&);
ALTER TABLE app.customers ADD CONSTRAINT "named Not Null" NOT NULL code;
ALTER TABLE app.customers ADD CONSTRAINT mood_later NOT NULL mood NOT VALID;
ALTER TABLE app.customers ADD CONSTRAINT not_enforced CHECK (born > '1900-01-01') NOT ENFORCED;
ALTER SEQUENCE app.ticket OWNED BY app.customers.code;

CREATE TABLE public."Order Lines" (
  "Order" bigint,
  "line no" smallint,
  customer bigint CONSTRAINT fk_customer REFERENCES app.customers ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE,
  price numeric(12, 2) CHECK (price >= 0),
  "select" boolean DEFAULT false,
  PRIMARY KEY ("Order", "line no")
);
CREATE TABLE public.self (id integer PRIMARY KEY, parent integer REFERENCES public.self, other_of integer);
CREATE TABLE public.other (id integer PRIMARY KEY, self integer REFERENCES public.self);
ALTER TABLE public.other ADD CONSTRAINT late FOREIGN KEY (id) REFERENCES public.self NOT VALID;
ALTER TABLE public.self ADD FOREIGN KEY (other_of) REFERENCES public.other;
CREATE TABLE public.nothing ();
CREATE TABLE public.plain (a integer, b text, c text STORAGE MAIN, d integer GENERATED ALWAYS AS (a + 1) VIRTUAL);
CREATE UNLOGGED TABLE public.scratch (a integer, b text STORAGE MAIN);
CREATE TABLE public.row_user (whole app.customers, many app.address[], dom app.positive[], pr app.price_range, prs app.price_multirange);

CREATE TABLE public.animals (id integer NOT NULL, name text CHECK (name <> ''), legs integer DEFAULT 4);
CREATE TABLE public.birds (wings integer DEFAULT 2) INHERITS (public.animals);
ALTER TABLE public.birds ALTER COLUMN legs SET DEFAULT 2;
CREATE TABLE public.late_child (extra text, legs integer, name text, id integer NOT NULL, CHECK (name <> ''));
ALTER TABLE public.late_child ADD CONSTRAINT animals_name_check CHECK (name <> '');
ALTER TABLE public.late_child INHERIT public.animals;

CREATE TABLE app.events (
  id bigint NOT NULL, at date NOT NULL, kind text DEFAULT 'x', payload text, customer bigint REFERENCES app.customers,
  CONSTRAINT events_pk PRIMARY KEY (id, at), CHECK (id > 0)
) PARTITION BY RANGE (at);
CREATE TABLE app.events_2020 PARTITION OF app.events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE app.events_2021 (payload text, at date NOT NULL, junk integer, id bigint NOT NULL, kind text, customer bigint, CHECK (id > 0));
ALTER TABLE app.events_2021 DROP COLUMN junk;
ALTER TABLE app.events_2021 ADD CONSTRAINT events_id_check CHECK (id > 0);
ALTER TABLE app.events ATTACH PARTITION app.events_2021 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE app.events_rest PARTITION OF app.events DEFAULT PARTITION BY HASH (at);
CREATE TABLE app.events_rest_a PARTITION OF app.events_rest FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE app.events_rest_b PARTITION OF app.events_rest FOR VALUES WITH (modulus 2, remainder 1);
CREATE INDEX events_payload ON app.events (payload text_pattern_ops);
CREATE INDEX events_only ON ONLY app.events (kind);
CREATE INDEX events_2020_kind ON app.events_2020 (kind);
ALTER INDEX app.events_only ATTACH PARTITION app.events_2020_kind;
CREATE TABLE app.hashed (k integer) PARTITION BY HASH (k);
CREATE TABLE app.hashed_0 PARTITION OF app.hashed FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE app.hashed_1 PARTITION OF app.hashed FOR VALUES WITH (modulus 2, remainder 1);
CREATE TABLE app.listed (k text, v app.mood) PARTITION BY LIST (lower(k));
CREATE TABLE app.listed_a PARTITION OF app.listed FOR VALUES IN ('a', 'b', NULL);
CREATE TABLE app.listed_rest PARTITION OF app.listed DEFAULT;
CREATE TABLE app.refers_to_partitioned (id bigint, at date, FOREIGN KEY (id, at) REFERENCES app.events);

CREATE INDEX customers_name_trgm ON app.customers USING gin (name ext.gin_trgm_ops);
CREATE INDEX customers_lower ON app.customers (lower(name) DESC NULLS LAST, born) WHERE born IS NOT NULL;
CREATE INDEX customers_tags ON app.customers USING gin (tags) WITH (fastupdate = off);
CREATE UNIQUE INDEX "Weird ""Index""" ON public."Order Lines" ("line no", "Order") NULLS NOT DISTINCT;
ALTER INDEX app.customers_lower ALTER COLUMN 1 SET STATISTICS 200;
ALTER TABLE app.customers CLUSTER ON legacy_unique;
CREATE UNIQUE INDEX self_replica ON public.self (id);
ALTER TABLE public.self REPLICA IDENTITY USING INDEX self_replica;
ALTER TABLE public.scratch REPLICA IDENTITY FULL;

CREATE VIEW app.customer_names AS SELECT c.id, c.name, ROW(c.home)::text AS home FROM app.customers c WHERE c.name OPERATOR(ext.%) 'x';
CREATE VIEW app.a_first_by_name AS SELECT * FROM app.customer_names WITH CASCADED CHECK OPTION;
CREATE OR REPLACE VIEW app.guarded WITH (security_barrier, security_invoker = true) AS SELECT * FROM public."Order Lines";
ALTER VIEW app.guarded ALTER COLUMN price SET DEFAULT 1.5;
CREATE VIEW app.grouped AS SELECT c.id, c.name, count(o."Order") AS lines
  FROM app.customers c LEFT JOIN public."Order Lines" o ON o.customer = c.id GROUP BY c.id;
CREATE RECURSIVE VIEW app.tree (id, depth) AS
  SELECT id, 0 FROM public.self WHERE parent IS NULL UNION ALL SELECT s.id, t.depth + 1 FROM public.self s JOIN tree t ON s.parent = t.id;
CREATE MATERIALIZED VIEW app.mood_counts AS SELECT mood, count(*) AS n FROM app.customers GROUP BY mood;
CREATE UNIQUE INDEX mood_counts_mood ON app.mood_counts (mood);
CREATE MATERIALIZED VIEW app.empty_counts WITH (fillfactor = 70) AS SELECT mood FROM app.mood_counts WITH NO DATA;
CREATE VIEW app.over_matview AS SELECT * FROM app.mood_counts;

CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
  PERFORM 'a;b'; -- ; in a comment
  RETURN NEW;
END $fn$;
CREATE FUNCTION app.count_lines(c app.customers, VARIADIC more integer[] DEFAULT '{}') RETURNS bigint LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = app, pg_temp SET work_mem = '8MB' COST 50
  BEGIN ATOMIC
    SELECT count(*) FROM public."Order Lines" o WHERE o.customer = c.id;
  END;
CREATE FUNCTION app.names() RETURNS SETOF app.customer_names LANGUAGE sql ROWS 7 AS 'SELECT * FROM app.customer_names';
CREATE FUNCTION app.overloaded(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.overloaded(text, OUT a integer, OUT b text) LANGUAGE sql AS 'SELECT 1, $1';
CREATE FUNCTION app.tabular() RETURNS TABLE (x integer, "Y" text) LANGUAGE sql AS $$ SELECT 1, 'y' $$;
CREATE PROCEDURE app.tidy(INOUT n integer DEFAULT 3) LANGUAGE plpgsql AS $$ BEGIN n := n + 1; END $$;
CREATE AGGREGATE app.sum_of_squares(integer) (sfunc = int4pl, stype = integer, initcond = '0', parallel = safe, combinefunc = int4pl);
CREATE FUNCTION app.next_code() RETURNS integer LANGUAGE sql VOLATILE AS $$ SELECT nextval('app.ticket')::integer $$;
CREATE FUNCTION app.overloaded_twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
CREATE TABLE public.with_function_default (a integer DEFAULT app.next_code(), b integer GENERATED ALWAYS AS (app.overloaded_twice(a)) STORED);

CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF name ON app.customers FOR EACH ROW WHEN (NEW.name IS NOT NULL) EXECUTE FUNCTION app.touch();
CREATE TRIGGER off AFTER UPDATE ON app.customers REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION app.touch();
ALTER TABLE app.customers DISABLE TRIGGER off;
CREATE CONSTRAINT TRIGGER late_trigger AFTER INSERT ON public.other DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE public.other ENABLE ALWAYS TRIGGER late_trigger;
CREATE TRIGGER on_partitions AFTER INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER instead INSTEAD OF INSERT ON app.customer_names FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE RULE also AS ON INSERT TO public.scratch DO ALSO (INSERT INTO public.animals VALUES (NEW.a, 'rule'); SELECT 1);
CREATE RULE silent AS ON DELETE TO public.scratch WHERE OLD.a > 5 DO INSTEAD NOTHING;
ALTER TABLE public.scratch DISABLE RULE silent;

ALTER TABLE app.customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.customers FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON app.customers FOR SELECT TO PUBLIC USING (name = CURRENT_USER);
CREATE POLICY writes ON app.customers AS RESTRICTIVE FOR UPDATE USING (true) WITH CHECK (id > 0);
CREATE STATISTICS app.together (dependencies, ndistinct) ON name, born FROM app.customers;
CREATE STATISTICS public.expressions ON (a + 1), lower(b) FROM public.scratch;
ALTER STATISTICS app.together SET STATISTICS 300;
CREATE PUBLICATION published FOR TABLE app.customers (id, name) WHERE (id > 10), public.other WITH (publish = 'insert, update');
CREATE PUBLICATION whole_schema FOR TABLES IN SCHEMA "Odd Schema" WITH (publish_via_partition_root);

COMMENT ON SCHEMA app IS 'it''s the app';
COMMENT ON SCHEMA public IS 'ours';
COMMENT ON TABLE app.customers IS E'two\nlines with \\ backslash';
COMMENT ON COLUMN app.customers.name IS 'who';
COMMENT ON COLUMN app.customer_names.name IS 'a view column';
COMMENT ON COLUMN app.address.street IS 'a composite column';
COMMENT ON VIEW app.customer_names IS 'view';
COMMENT ON MATERIALIZED VIEW app.mood_counts IS 'matview';
COMMENT ON COLUMN app.mood_counts.n IS 'matview column';
COMMENT ON INDEX app.customers_lower IS 'index';
COMMENT ON CONSTRAINT fk_customer ON public."Order Lines" IS 'fk';
COMMENT ON CONSTRAINT short ON DOMAIN app.short_text IS 'domain constraint';
COMMENT ON TRIGGER touch ON app.customers IS 'trigger';
COMMENT ON RULE also ON public.scratch IS 'rule';
COMMENT ON POLICY mine ON app.customers IS 'policy';
COMMENT ON FUNCTION app.overloaded(integer) IS 'function';
COMMENT ON PROCEDURE app.tidy(integer) IS 'procedure';
COMMENT ON AGGREGATE app.sum_of_squares(integer) IS 'aggregate';
COMMENT ON TYPE app.mood IS 'type';
COMMENT ON DOMAIN app.positive IS 'domain';
COMMENT ON SEQUENCE app.ticket IS 'sequence';
COMMENT ON STATISTICS app.together IS 'statistics';
COMMENT ON COLLATION app.de IS 'collation';
COMMENT ON EXTENSION pg_trgm IS 'our own words';
COMMENT ON PUBLICATION published IS 'publication';

GRANT SELECT, INSERT ON app.customers TO PUBLIC;
GRANT SELECT (id) ON public.self TO PUBLIC;
REVOKE ALL ON FUNCTION app.touch() FROM PUBLIC;

CREATE TABLE "Odd Schema"."Täble;--" ("a""b" integer, "ü" text DEFAULT 'ü', "Select" date DEFAULT CURRENT_DATE);
CREATE VIEW "Odd Schema"."View" AS SELECT "a""b" FROM "Odd Schema"."Täble;--";
