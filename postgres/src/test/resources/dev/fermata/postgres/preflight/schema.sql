-- Every table has rows that break something and rows that do not; see changes.txt.
create schema "we""ird";
create type state as enum ('new', 'paid');
create domain positive as int check (value > 0);
create domain small as positive;
create domain filled as text not null;
create domain filled_by_default as text not null default 'x';
create function slow_check(int) returns boolean language plpgsql immutable as 'begin return $1 > 0; end';
create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

create table customers (id int primary key, name text not null);
insert into customers values (1, 'a'), (2, 'b'), (3, 'c');
create table regions (country text, code text, note text, unique (country, code));
insert into regions values ('de', 'by'), ('de', 'be'), ('fr', 'x');

create table orders (
  id int primary key,
  customer int,
  country text,
  code text,
  amount int,
  note text,
  full_note text not null default '',
  kind text collate "C",
  big bigint,
  price numeric(10, 3),
  weight float8,
  parent int,
  at timestamptz not null default now(),
  data jsonb);
insert into orders (id, customer, country, code, amount, note, kind, big, price, weight, parent, data) values
  (1, 1,    'de', 'by', 10,   'short',      'A', 1,             1.5,       1.5,    null, '{"a": 1}'),
  (2, 1,    'de', 'xx', -5,   null,         'a', 3000000000,    1.4,       1e300,  1,    '{}'),
  (3, null, 'de', null, null, '12',         'b', -3000000000,   99999.999, 'NaN',  9,    null),
  (4, 7,    null, null, 0,    '7x',         'b', 5,             null,      null,   4,    '{}'),
  (5, 2,    'fr', 'x',  20,   'ok        ', 'b', null,          2.5,       1e-320, 77,   '{}'),
  (6, 8,    'xx', 'x',  30,   '  13 ',      null, 7,            3,         2,      null, '{}');

create table parents_of (id int, pa int, pb int, a int, b int, unique (a, b));
insert into parents_of values (1, null, 1, 1, 1), (2, 1, 1, 2, 2), (3, 5, 5, null, 3), (4, null, null, 4, null);

create table late (id int, ref int, n int, p positive);
insert into late values (1, 1, 0, 1), (2, 9, 5, 2), (3, null, null, 3);
alter table late add constraint late_n check (n > 1) not valid;
alter table late add constraint late_ref foreign key (ref) references customers not valid;
alter table late add constraint late_known check (id > 0);

create table domains (s small, p positive, t text, arr positive[], f filled);
insert into domains values (1, 5, 'x', null, 'x'), (9, 6, '2', null, 'y'), (10, null, null, null, 'z');

create table empty_one (id int, name text);

create table heir_base (id int, v int);
create table heir (w int) inherits (heir_base);
insert into heir_base values (1, 1), (2, null);
insert into heir values (1, null, 1), (3, 3, 1), (4, null, 1);

create table events (at date not null, id int, kind text) partition by range (at);
create table events_1 partition of events for values from ('2026-01-01') to ('2026-02-01');
create table events_rest partition of events default;
insert into events values ('2026-01-05', 1, 'a'), ('2026-01-06', null, 'a'), ('2026-02-07', 2, 'b'), ('2026-02-27', 2, 'b'),
  ('2026-03-01', 3, 'c'), ('2025-12-31', 4, null);
create table events_new (at date not null, id int, kind text);
insert into events_new values ('2026-04-01', 1, 'x'), ('2026-04-30', 2, 'x'), ('2026-05-01', 3, 'x'), ('2026-03-31', 1, 'x');

create table listed (k text, v int) partition by list (lower(k));
create table listed_a partition of listed for values in ('a', 'aa');
create table listed_rest partition of listed default;
insert into listed values ('A', 1), ('b', 2), ('B', 3), ('c', 4), (null, 5);
create table listed_new (k text, v int);
insert into listed_new values ('B', 1), ('bb', 1), (null, 1);

create table pairs (a int, b int, c text) partition by range (a, b);
create table pairs_1 partition of pairs for values from (minvalue, minvalue) to (1, 5);
create table pairs_new (a int, b int, c text);
insert into pairs_new values (1, 4, ''), (1, 5, ''), (1, 9, ''), (2, 0, ''), (3, 0, ''), (3, 1, ''), (null, 1, '');

create table hashed (id int not null, v text) partition by hash (id);
create table hashed_0 partition of hashed for values with (modulus 2, remainder 0);
create table hashed_new (id int not null, v text);
insert into hashed_new select i, '' from generate_series(1, 8) i where satisfies_hash_partition('hashed'::regclass, 2, 1, i) or i = 1;
insert into hashed_new select i, '' from generate_series(100, 120) i where satisfies_hash_partition('hashed'::regclass, 2, 0, i) limit 3;

create table keyed (id int not null, day date not null, c int references customers, primary key (id, day)) partition by range (day);
create table keyed_new (id int not null, day date not null, c int);
insert into keyed_new values (1, '2026-01-01', 1), (1, '2026-01-01', 5), (2, '2026-01-01', null), (1, '2026-01-02', 6);

create table "we""ird"."Täble -- x" ("se""lect" int, "it's" text, "; drop table customers" int);
insert into "we""ird"."Täble -- x" values (1, 'a', null), (1, null, 2), (null, '?', 2);

create table texts (id int primary key, t text, u text unique, v varchar(10), c char(5), d date, j json, b bit varying(5), f4 real,
  i8 bigint unique, n numeric unique);
insert into texts values
  (1, '1',     '1',   'abcdefgh', 'ab',    '2026-01-01',   '{}',             '101',   1,   1,          1.1),
  (2, 'x',     '01',  'abc',      'abcde', '300000-01-01', '{"a":"\u0000"}', '10',    2,   70000,      1.4),
  (3, null,    '2',   'abc     ', null,    'infinity',     '[]',             null,    3,   2,          7),
  (4, '99999999999', '3', null,   'abc',   null,           null,             '11111', 'NaN', 3000000000, 99999),
  (5, '2026-01-01', null, 'ä',    '',      null,           'null',           '',      null, null,      null);
