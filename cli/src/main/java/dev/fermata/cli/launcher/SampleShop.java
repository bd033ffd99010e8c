package dev.fermata.cli.launcher;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A small shop as a sample target: customers, products, orders and their items. */
final class SampleShop {
    private static final List<String> SCHEMA =
            List.of("""
                CREATE TABLE customers (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, name text NOT NULL,
                    created_at timestamptz NOT NULL DEFAULT now())
                """, """
                CREATE TABLE products (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL,
                    price_cents integer NOT NULL CHECK (price_cents >= 0), stock integer NOT NULL DEFAULT 0)
                """, """
                CREATE TABLE orders (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    customer_id bigint NOT NULL REFERENCES customers, placed_at timestamptz NOT NULL DEFAULT now(),
                    total_cents integer NOT NULL, touched integer NOT NULL DEFAULT 0)
                """, """
                CREATE TABLE order_items (
                    order_id bigint NOT NULL REFERENCES orders, position smallint NOT NULL,
                    product_id bigint NOT NULL REFERENCES products, quantity smallint NOT NULL,
                    PRIMARY KEY (order_id, position))
                """, "CREATE INDEX orders_customer ON orders (customer_id)", """
                CREATE VIEW customer_totals AS
                SELECT customer_id, count(*) AS orders, sum(total_cents) AS total_cents FROM orders GROUP BY customer_id
                """);

    private SampleShop() {}

    /** Makes the tables and fills them, unless they are there already. */
    static void create(Connection connection, int orders) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery("SELECT to_regclass('public.orders') IS NOT NULL")) {
                row.next();
                if (row.getBoolean(1)) {
                    return;
                }
            }
            connection.setAutoCommit(false);
            for (String ddl : SCHEMA) {
                statement.execute(ddl);
            }
        }
        int customers = Math.max(10, orders / 10);
        // Every thousandth customer shares an address with another: real data is like that.
        fill(connection, """
            INSERT INTO customers (email, name)
            SELECT 'customer' || (CASE WHEN n % 1000 = 0 THEN n - 1 ELSE n END) || '@shop.example', 'Customer ' || n
            FROM generate_series(1, ?) AS n
            """, customers);
        fill(connection, """
            INSERT INTO products (name, price_cents, stock)
            SELECT 'Product ' || n, 100 + (n * 37) % 9900, 1000 FROM generate_series(1, ?) AS n
            """, 1_000);
        fill(connection, """
            INSERT INTO orders (customer_id, placed_at, total_cents)
            SELECT 1 + (n * 7919) % ?, now() - n * interval '1 minute', 500 + (n * 31) % 50000
            FROM generate_series(1, ?) AS n
            """, customers, orders);
        fill(connection, """
            INSERT INTO order_items (order_id, position, product_id, quantity)
            SELECT n, 1, 1 + (n * 13) % 1000, 1 + n % 3 FROM generate_series(1, ?) AS n
            """, orders);
        connection.commit();
        connection.setAutoCommit(true);
        try (Statement analyze = connection.createStatement()) {
            // What a session counted is known up to a minute later; an autovacuum would do it all again then.
            analyze.execute("SELECT pg_stat_force_next_flush()");
            analyze.execute("VACUUM ANALYZE");
        }
    }

    private static void fill(Connection connection, String sql, int... numbers) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            for (int i = 0; i < numbers.length; i++) {
                insert.setInt(i + 1, numbers[i]);
            }
            insert.executeUpdate();
        }
    }
}
