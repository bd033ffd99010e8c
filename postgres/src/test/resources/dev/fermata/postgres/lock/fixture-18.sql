-- What only PostgreSQL 18 and later can make.
create table n18 (id int, c int, w int generated always as (c * 2) virtual);
insert into n18 select i, i from generate_series(1, 500) i;
alter table n18 add constraint n18_c_nn not null c not valid;
