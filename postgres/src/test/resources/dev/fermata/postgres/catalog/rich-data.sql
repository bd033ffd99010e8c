-- Rows that are hard to carry: every kind of text, nulls, generated columns, deep partitions, no columns at all.
INSERT INTO app.customers (name, email, mood, home, nick, tags, data, born, german, valid_for)
SELECT 'name ' || i, 'a' || i || '@x', (enum_range(NULL::app.mood))[1 + i % 4], ROW ('str "' || i, NULL, '1')::app.address,
       'n' || i, ARRAY['a,b', NULL, 'c"d' || i], jsonb_build_object('i', i), date '2000-01-01' + i, 'ä' || i,
       tstzrange(timestamptz '2000-01-01' + i * interval '1 day', timestamptz '2000-01-02' + i * interval '1 day')
FROM generate_series(1, 200) i;
INSERT INTO public."Order Lines" SELECT i, 1, 1000 + 2 * (i % 200), i * 1.25, i % 2 = 0 FROM generate_series(1, 300) i;
INSERT INTO public."Order Lines" VALUES (-1, 0, NULL, NULL, NULL);
INSERT INTO public.self VALUES (1, NULL, NULL), (2, 1, NULL);
INSERT INTO public.other VALUES (1, 2);
UPDATE public.self SET other_of = 1 WHERE id = 2;
INSERT INTO public.nothing DEFAULT VALUES;
INSERT INTO public.nothing DEFAULT VALUES;
INSERT INTO public.scratch VALUES (1, E'tab\tnewline\nback\\slash \\N \\. é 😀'), (2, NULL), (3, '\N'), (4, '');
INSERT INTO public.row_user SELECT c, ARRAY[c.home, NULL], ARRAY[1, 2]::app.positive[], '[1,2)', '{[1,2),[5,6)}' FROM app.customers c LIMIT 3;
INSERT INTO public.animals VALUES (1, 'cat');
INSERT INTO public.birds (id, name) VALUES (2, 'owl');
INSERT INTO public.late_child VALUES ('x', 2, 'y', 3);
INSERT INTO app.events SELECT i, date '2019-06-01' + i * 10, 'k' || i, 'p' || i, 1000 + 2 * (i % 100) FROM generate_series(1, 200) i;
INSERT INTO app.hashed SELECT generate_series(1, 50);
INSERT INTO app.listed VALUES ('A', 'sad'), (NULL, NULL), ('z', 'happy');
INSERT INTO app.refers_to_partitioned SELECT id, at FROM app.events LIMIT 5;
INSERT INTO public.with_function_default DEFAULT VALUES;
INSERT INTO "Odd Schema"."Täble;--" VALUES (1, 'x', '2020-02-02');
SELECT nextval('public.untouched'), nextval('public.untouched');
REFRESH MATERIALIZED VIEW app.mood_counts;
