-- The example database of docs/rules.md.
CREATE SCHEMA archive;
CREATE DOMAIN email AS text;
CREATE DOMAIN postcode AS text CHECK (VALUE ~ '^[0-9]+$');
CREATE TYPE order_status AS ENUM ('new', 'paid', 'sent');
CREATE TABLE customers (id bigint PRIMARY KEY, email email NOT NULL, name text, region int);
CREATE TABLE orders (
  id bigint PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers,
  status order_status NOT NULL DEFAULT 'new',
  quantity int,
  total numeric(10, 2),
  note varchar(100),
  placed_at timestamp,
  changed_at timestamp,
  data jsonb
);
CREATE INDEX orders_status ON orders (status);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE TABLE notes (id bigint, order_id bigint, body text);
CREATE TABLE bookings (id bigint PRIMARY KEY, during tstzrange);
CREATE TABLE events (id bigint, kind text, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE events_default PARTITION OF events DEFAULT;
CREATE TABLE events_2027 (id bigint, kind text, at date NOT NULL);
CREATE TABLE clicks (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE clicks_2026 PARTITION OF clicks FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE clicks_2028 (id bigint, at date NOT NULL);
CREATE TABLE crowded (a int, b int, c int, d int, e int, f int, g int, h int, i int);
CREATE INDEX crowded_a ON crowded (a);
CREATE INDEX crowded_b ON crowded (b);
CREATE INDEX crowded_c ON crowded (c);
CREATE INDEX crowded_d ON crowded (d);
CREATE INDEX crowded_e ON crowded (e);
CREATE INDEX crowded_f ON crowded (f);
CREATE INDEX crowded_g ON crowded (g);
CREATE INDEX crowded_h ON crowded (h);
CREATE VIEW order_totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id;
CREATE MATERIALIZED VIEW daily_sales AS SELECT placed_at::date AS day, sum(total) AS total FROM orders GROUP BY 1;
CREATE UNIQUE INDEX daily_sales_day ON daily_sales (day);
CREATE SEQUENCE invoice_numbers;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
CREATE POLICY own_customers ON customers USING (region > 0);
CREATE PUBLICATION to_lake FOR TABLE customers;
INSERT INTO customers SELECT i, i || '@example.org', 'n' || i, 1 FROM generate_series(1, 50) i;
INSERT INTO orders (id, customer_id, status, quantity, total, note, placed_at, data) SELECT i, i, 'new', 1, 10, 'note ' || i, '2026-01-01', '{}' FROM generate_series(1, 50) i;
INSERT INTO notes SELECT i, i, 'b' FROM generate_series(1, 50) i;
