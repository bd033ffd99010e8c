-- The schema that effects.txt speaks of. t is the table under change: four indexes, a foreign key to p, a view, a
-- materialized view and a trigger. Tables hold 500 rows, enough to tell a scan.
create schema elsewhere;
create function inlinable() returns int language sql volatile as 'select 1';
create function opaque() returns int language plpgsql volatile as 'begin return 1; end';
create function steady() returns int language plpgsql stable as 'begin return 1; end';
create function trg() returns trigger language plpgsql as 'begin return new; end';
create domain dm as int;
create domain dmc as int constraint dmc_positive check (value > 0);
create domain dmv as int;
create type en as enum ('a', 'b');
create type addr as (street text, zip text);
create type pair as (a int, b int);

create table p (id int primary key, x int);
create table t (
  id int primary key,
  a int,
  s varchar(10),
  u int,
  b int constraint t_b_check check (b is not null),
  nn int not null,
  big bigint,
  txt text,
  v varchar(10),
  c5 char(5),
  n numeric(10, 2),
  ts timestamp,
  tz timestamptz,
  iv interval(3),
  ci cidr,
  j jsonb,
  jt text,
  seen int,
  def int default 7,
  p_id int constraint t_p_fk references p,
  q_id int,
  vc varchar(10) constraint t_vc_check check (vc <> ''));
create index t_a_idx on t (a);
create index t_s_idx on t (s);
create unique index t_u_uidx on t (u);
create table dchild (p_id int references p);
create table free (id int, a int, p_id int, t_id int);
create view vw as select id, seen from t;
create materialized view mv as select id, seen from t;
create unique index mv_u on mv (id);
create trigger tr before insert on t for each row execute function trg();
create table chd (id int);
create table par (id int);
create unlogged table ul (id int);
create sequence sq;
create table k1 (a int not null);
create unique index k1u on k1 (a);
create table k2 (a int);
create unique index k2u on k2 (a);
create table td (d dm);
create table tdc (d dmc);
create table tdv (d dmv);
create table taddr (id int, a addr);
create table typed of pair;
create table like_pair (a int, b int);

-- types
create domain label as varchar(10);
create table ty (bi bit(5), vb varbit(10), ar varchar(10)[], ivf interval hour to minute, iv6 interval(6), tm time(3),
  ip inet, vt varchar(10), e en, f float8, o oid, x xml, dd label, nu numeric(12), nm name);
create index ty_vt_idx on ty (vt);

-- inheritance
create table parent (id int, x int not null);
create index parent_x_idx on parent (x);
create table heir (y int) inherits (parent);
create index heir_y_idx on heir (y);
create table grandchild () inherits (heir);

-- partitions: pt without anything, qt with CHECKs that spare scans, mt with all that a partitioned table can have
create table pt (k int, v int) partition by range (k);
create table pt1 partition of pt for values from (0) to (1000);
create table ptd partition of pt default;
create table pn (k int, v int);
create table qt (k int, v int) partition by range (k);
create table qt1 partition of qt for values from (0) to (1000);
create table qtd partition of qt (constraint qtd_k check (k is null or k < 2000 or k >= 3000)) default;
create table qn (k int, v int, constraint qn_k check (k is not null and k >= 2000 and k < 3000));
create table nt (k int, v int) partition by list (k);
create table nt1 partition of nt for values in (1);
create table nt2 partition of nt for values in (2);
create table mt (k int primary key, v int, p_id int references p) partition by range (k);
create table mt1 partition of mt for values from (0) to (1000);
create table mtd partition of mt default;
create table mt2 (k int not null, v int, p_id int);
create index mt_v_idx on mt (v);
create index mt_only_idx on only mt (p_id);
create index mt1_p_idx on mt1 (p_id);
create table mref (k int references mt); -- without rows that point to mt1, which may then be detached
create table pn3 (k int, v int);
create trigger mt_tr after insert on mt for each row execute function trg();

-- views upon views, a rule, policies, statistics, sequences, a table that points to itself
create table base (id int primary key, x int, y text);
create statistics base_st on id, x from base;
create view v1 as select id, x from base;
create view v2 as select id from v1;
create materialized view m1 as select id from v1;
create index m1_id on m1 (id);
create table ruled (id int, tenant int);
create rule ruled_r as on delete to ruled do instead nothing;
create policy ruled_p on ruled using (tenant = 1);
create table ser (id serial primary key, g int generated always as identity, h int,
  st int generated always as (h * 2) stored);
create table tree (id int primary key, up int references tree);
create table wide (id int primary key, a int, b varchar(10), c text);
create index wide_expr on wide (lower(c));
create index wide_part on wide (id) where a > 5;
create index wide_incl on wide (id) include (b);
create table narrow (wide_id int references wide);
create table soon (id int, constraint soon_u unique (id) deferrable);
create foreign data wrapper nowhere;
create server nobody foreign data wrapper nowhere;
create foreign table ft (a int) server nobody;
create publication pub for table p;

insert into p select i, i from generate_series(1, 500) i;
insert into t select i, i, 's' || i, i, i, i, i, 't', 'v', 'c', 1, '2020-01-01', '2020-01-01', '1 hour', '10.0.0.0/8', '{}',
  '{}', i, i, i, i, 'v' from generate_series(1, 500) i;
insert into ty select b'10101', b'101', '{a}', '1:30', '1 s', '10:00', '10.0.0.0', 'v', 'a', 1.5, 1, '<a/>', 'd', 1, 'n'
  from generate_series(1, 500) i;
insert into dchild select i from generate_series(1, 500) i;
insert into free select i, i, i, i from generate_series(1, 500) i;
insert into chd select i from generate_series(1, 500) i;
insert into par select i from generate_series(1, 500) i;
insert into ul select i from generate_series(1, 500) i;
insert into k1 select i from generate_series(1, 500) i;
insert into k2 select i from generate_series(1, 500) i;
insert into td select i from generate_series(1, 500) i;
insert into tdc select i from generate_series(1, 500) i;
insert into tdv select i from generate_series(1, 500) i;
insert into taddr select i, row ('a', 'b')::addr from generate_series(1, 500) i;
insert into typed select i, i from generate_series(1, 500) i;
insert into parent select i, i from generate_series(1, 500) i;
insert into heir select i, i, i from generate_series(1, 500) i;
insert into grandchild select i, i, i from generate_series(1, 500) i;
insert into pt select i, i from generate_series(1, 500) i;
insert into pn select 2000 + i, i from generate_series(1, 500) i;
insert into qt select i, i from generate_series(1, 500) i;
insert into qn select 2000 + i, i from generate_series(1, 500) i;
insert into nt select 1 + i % 2, i from generate_series(1, 500) i;
insert into mt select i, i, i from generate_series(1, 500) i;
insert into mt2 select 2000 + i, i, i from generate_series(1, 500) i;
insert into mref select null from generate_series(1, 500) i;
insert into pn3 select 3, i from generate_series(1, 500) i;
insert into base select i, i, 'y' from generate_series(1, 500) i;
insert into ruled select i, i from generate_series(1, 500) i;
insert into ser (h) select i from generate_series(1, 500) i;
insert into tree select i, 1 from generate_series(1, 500) i;
insert into wide select i, i, 'b', 'c' from generate_series(1, 500) i;
insert into narrow select i from generate_series(1, 500) i;
insert into soon select i from generate_series(1, 500) i;
alter table parent add constraint parent_x check (x > 0) not valid;
alter table t add constraint t_a_check check (a > 0) not valid;
alter table t add constraint t_q_fk foreign key (q_id) references p not valid;
refresh materialized view mv;
refresh materialized view m1;
