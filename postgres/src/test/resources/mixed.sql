-- été: comment; with semicolon
BEGIN;
/* nested /* comment; */ still; */
CREATE TABLE "Kunden;Tabelle" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, név text DEFAULT E'it''s; a \'quote\' 😀', created timestamptz DEFAULT now());
CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $body$
BEGIN
  -- ; inside
  IF a > 0 THEN RETURN a; END IF;
  EXECUTE $q$ SELECT ';' $q$;
  RETURN 0;
END;
$body$;
CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;
DO $$ BEGIN PERFORM 1; END $$;
COMMIT;
CREATE INDEX CONCURRENTLY IF NOT EXISTS "ix;1" ON "Kunden;Tabelle" (név) WHERE név <> ';';
ALTER TABLE "Kunden;Tabelle" ADD CONSTRAINT név_ok CHECK (név <> '') NOT VALID;

CREATE RULE r AS ON INSERT TO "Kunden;Tabelle" DO ALSO (SELECT 1; SELECT 2);
ALTER TABLE a ADD COLUMN b uuid DEFAULT gen_random_uuid() NOT NULL;;
SELECT U&'d\0061t\+000061; ' , B'1;0', 'a'
  'b;c'
