package dev.fermata.cli.launcher;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What the demonstration asks the shop itself at the end, trusting nobody's report. */
final class DemoChecks {
    /** A question whose answer must be true. */
    private record Check(String what, String sql) {}

    private static final List<Check> PRODUCTION = List.of(
            new Check(
                    "every order that existed was touched exactly once",
                    "SELECT count(*) FILTER (WHERE touched <> 1) = 0 FROM orders WHERE id <= "
                            + DemoWorld.PRODUCTION_ORDERS),
            new Check("no order was touched twice", "SELECT coalesce(max(touched), 0) <= 1 FROM orders"),
            new Check(
                    "the index is there once, and valid",
                    "SELECT count(*) = 1 AND bool_and(indisvalid) FROM pg_index WHERE indexrelid ="
                            + " to_regclass('orders_placed_at')"),
            new Check("no invalid index is left", "SELECT count(*) = 0 FROM pg_index WHERE NOT indisvalid"),
            new Check(
                    "the column of the rolled back change is gone",
                    "SELECT count(*) = 0 FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname ="
                            + " 'on_sale' AND NOT attisdropped"),
            new Check(
                    "every price is what it was",
                    "SELECT count(*) = 1000 AND bool_and(price_cents = 100 + (id * 37) % 9900) FROM products"),
            new Check(
                    "the change that failed its rehearsal left nothing",
                    "SELECT count(*) = 0 FROM pg_attribute WHERE attrelid = 'customers'::regclass AND attname ="
                            + " 'verified'"),
            new Check(
                    "no session or lock of ours is left",
                    "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database()"
                            + " AND application_name LIKE 'fermata/%'"),
            new Check(
                    "no clone or scratch database is left",
                    "SELECT count(*) = 0 FROM pg_database WHERE datname LIKE 'fermata\\_%'"));

    private DemoChecks() {}

    /** What is not as it must be; empty when everything is. */
    static List<String> production(Connection connection, long placed) throws SQLException {
        List<String> wrong = new ArrayList<>();
        for (Check check : PRODUCTION) {
            if (!isTrue(connection, check.sql())) {
                wrong.add(check.what());
            }
        }
        String orders = "SELECT count(*) >= " + (DemoWorld.PRODUCTION_ORDERS + placed) + " FROM orders";
        if (!isTrue(connection, orders)) {
            wrong.add("every order that the application placed is there");
        }
        return wrong;
    }

    /** How many things are asked of production. */
    static int count() {
        return PRODUCTION.size() + 1;
    }

    private static boolean isTrue(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() && row.getBoolean(1);
        }
    }
}
