package dev.fermata.cli.launcher;

import dev.fermata.contracts.run.RunState;
import java.util.List;

/** The orders of the demonstration, as their authors would write them, and what must become of each. */
final class DemoOrders {
    private DemoOrders() {}

    /** What else happens while an order runs. */
    enum Disturbance {
        NONE,
        /** kill -9 of the execution worker while CREATE INDEX CONCURRENTLY runs. */
        KILL_IN_INDEX_BUILD,
        /** kill -9 of the execution worker in the middle of a batched UPDATE. */
        KILL_IN_BATCHES
    }

    record DemoOrder(String name, String story, String document, RunState expected, Disturbance disturbance) {}

    static List<DemoOrder> all() {
        return List.of(
                new DemoOrder(
                        "add-order-note",
                        "a new column with an index, on staging: low risk, so the policy approves it by itself",
                        """
                        ---
                        name: add-order-note
                        title: Let customers leave a note with their order
                        author: ada@shop.example
                        targets: [shop-staging]
                        soak: 1s
                        ---
                        ```sql change
                        ALTER TABLE orders ADD COLUMN note text;
                        CREATE INDEX orders_with_note ON orders (id) WHERE note IS NOT NULL;
                        ```
                        """,
                        RunState.SUCCEEDED,
                        Disturbance.NONE),
                new DemoOrder(
                        "unique-email",
                        "the data breaks the rule that is to be added: the rehearsal finds out, production does not",
                        """
                        ---
                        name: unique-email
                        title: No two customers share an e-mail address
                        author: ada@shop.example
                        targets: [shop]
                        ---
                        ```sql change
                        ALTER TABLE customers ADD COLUMN verified boolean NOT NULL DEFAULT false;
                        ALTER TABLE customers ADD CONSTRAINT customers_email_unique UNIQUE (email);
                        ```
                        """,
                        RunState.CHANGES_REQUESTED,
                        Disturbance.NONE),
                new DemoOrder(
                        "check-quantity",
                        "production: somebody other than the author must say yes to exactly this plan",
                        """
                        ---
                        name: check-quantity
                        title: Quantities are positive
                        author: bob@shop.example
                        targets: [shop]
                        soak: 1s
                        ---
                        ```sql change
                        ALTER TABLE order_items ADD CONSTRAINT quantity_positive CHECK (quantity > 0) NOT VALID;
                        ALTER TABLE order_items VALIDATE CONSTRAINT quantity_positive;
                        ```
                        """,
                        RunState.SUCCEEDED,
                        Disturbance.NONE),
                new DemoOrder(
                        "clearance-sale",
                        "the change works, the application does not: a probe fails and everything is taken back",
                        """
                        ---
                        name: clearance-sale
                        title: Mark down every tenth product
                        author: bob@shop.example
                        targets: [shop]
                        soak: 30s
                        probes:
                          - name: nothing-is-free
                            sql: SELECT NOT EXISTS (SELECT 1 FROM products WHERE price_cents < 50)
                        ---
                        ```sql change
                        ALTER TABLE products ADD COLUMN on_sale boolean NOT NULL DEFAULT false;
                        UPDATE products SET price_cents = price_cents / 100, on_sale = true WHERE id % 10 = 0;
                        ```
                        """,
                        RunState.ROLLED_BACK,
                        Disturbance.NONE),
                new DemoOrder(
                        "index-orders-by-time",
                        "the execution worker is killed while it builds an index",
                        """
                        ---
                        name: index-orders-by-time
                        title: Find the newest orders quickly
                        author: ada@shop.example
                        targets: [shop]
                        soak: 1s
                        ---
                        ```sql change
                        CREATE INDEX orders_placed_at ON orders (placed_at DESC);
                        ```
                        """,
                        RunState.SUCCEEDED,
                        Disturbance.KILL_IN_INDEX_BUILD),
                new DemoOrder(
                        "touch-orders",
                        "the execution worker is killed in the middle of 200,000 rows: each is changed exactly once",
                        """
                        ---
                        name: touch-orders
                        title: Count how often an order was touched
                        author: ada@shop.example
                        targets: [shop]
                        soak: 1s
                        ---
                        ```sql change
                        UPDATE orders SET touched = touched + 1;
                        ```
                        """,
                        RunState.SUCCEEDED,
                        Disturbance.KILL_IN_BATCHES));
    }
}
