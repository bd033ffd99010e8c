package dev.fermata.benchmarks;

import dev.fermata.contracts.order.WorkOrder;
import java.util.List;

/**
 * One of the classic migrations: as most people write it, and as an expert would.
 *
 * @param expert statements, each tried with a short lock timeout until it gets its lock; one with {@code :from} and {@code
 *     :to} is run for ranges of the key
 * @param renames what becomes of old names
 */
record Migration(String name, String sql, List<String> expert, WorkOrder.Renames renames) {
    private static final String ALTER = "ALTER TABLE orders ";
    private static final String RENAME = ALTER + "RENAME COLUMN legacy TO heritage";

    static final List<Migration> ALL = List.of(
            same("add nullable column", ALTER + "ADD COLUMN tag text"),
            same("add column, constant default", ALTER + "ADD COLUMN flag int NOT NULL DEFAULT 0"),
            new Migration(
                    "add column, volatile default",
                    ALTER + "ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()",
                    List.of(
                            ALTER + "ADD COLUMN token uuid",
                            ALTER + "ALTER COLUMN token SET DEFAULT gen_random_uuid()",
                            "UPDATE orders SET token = gen_random_uuid() WHERE token IS NULL AND id > :from AND id <="
                                    + " :to",
                            ALTER + "ADD CONSTRAINT token_there CHECK (token IS NOT NULL) NOT VALID",
                            ALTER + "VALIDATE CONSTRAINT token_there",
                            ALTER + "ALTER COLUMN token SET NOT NULL",
                            ALTER + "DROP CONSTRAINT token_there")),
            new Migration(
                    "set not null",
                    ALTER + "ALTER COLUMN note SET NOT NULL",
                    List.of(
                            ALTER + "ADD CONSTRAINT note_there CHECK (note IS NOT NULL) NOT VALID",
                            ALTER + "VALIDATE CONSTRAINT note_there",
                            ALTER + "ALTER COLUMN note SET NOT NULL",
                            ALTER + "DROP CONSTRAINT note_there")),
            validated("add check", "amount_known", "CHECK (amount >= 0)"),
            validated("add foreign key", "of_customer", "FOREIGN KEY (customer_id) REFERENCES customers (id)"),
            new Migration(
                    "add unique",
                    ALTER + "ADD CONSTRAINT orders_code UNIQUE (code)",
                    List.of(
                            "CREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (code)",
                            ALTER + "ADD CONSTRAINT orders_code UNIQUE USING INDEX orders_code")),
            new Migration(
                    "create index",
                    "CREATE INDEX orders_created ON orders (created_at)",
                    List.of("CREATE INDEX CONCURRENTLY orders_created ON orders (created_at)")),
            new Migration("int to bigint primary key", ALTER + "ALTER COLUMN id TYPE bigint", bigint()),
            new Migration("rename column, at once", RENAME, List.of(RENAME), WorkOrder.Renames.AT_ONCE),
            new Migration("rename column, both names", RENAME, bothNames()),
            same("drop column", ALTER + "DROP COLUMN legacy"),
            same("varchar to text", ALTER + "ALTER COLUMN status TYPE text"),
            new Migration(
                    "update of all rows",
                    "UPDATE orders SET note = note || '!'",
                    List.of("UPDATE orders SET note = note || '!' WHERE id > :from AND id <= :to")));

    Migration(String name, String sql, List<String> expert) {
        this(name, sql, expert, WorkOrder.Renames.BOTH_NAMES);
    }

    private static Migration same(String name, String sql) {
        return new Migration(name, sql, List.of(sql));
    }

    private static Migration validated(String name, String constraint, String definition) {
        String add = ALTER + "ADD CONSTRAINT " + constraint + " " + definition;
        return new Migration(name, add, List.of(add + " NOT VALID", ALTER + "VALIDATE CONSTRAINT " + constraint));
    }

    private static List<String> bothNames() {
        return List.of(
                ALTER + "ADD COLUMN heritage text",
                "CREATE FUNCTION names() RETURNS trigger LANGUAGE plpgsql AS 'begin if tg_op = ''INSERT'' then"
                        + " new.heritage := coalesce(new.heritage, new.legacy); new.legacy := new.heritage; elsif"
                        + " new.heritage is distinct from old.heritage then new.legacy := new.heritage; else"
                        + " new.heritage := new.legacy; end if; return new; end'",
                "CREATE TRIGGER names BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION names()",
                "UPDATE orders SET heritage = legacy WHERE heritage IS DISTINCT FROM legacy AND id > :from AND id <="
                        + " :to",
                "DO $$ BEGIN DROP TRIGGER names ON orders; ALTER TABLE orders DROP COLUMN legacy; END $$",
                "DROP FUNCTION names()");
    }

    private static List<String> bigint() {
        return List.of(
                ALTER + "ADD COLUMN id_new bigint",
                "CREATE FUNCTION id_forth() RETURNS trigger LANGUAGE plpgsql AS 'begin new.id_new := new.id; return"
                        + " new; end'",
                "CREATE TRIGGER id_forth BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION id_forth()",
                "UPDATE orders SET id_new = id WHERE id_new IS NULL AND id > :from AND id <= :to",
                "CREATE UNIQUE INDEX CONCURRENTLY orders_id_new ON orders (id_new)",
                ALTER + "ADD CONSTRAINT id_there CHECK (id_new IS NOT NULL) NOT VALID",
                ALTER + "VALIDATE CONSTRAINT id_there",
                ALTER + "ALTER COLUMN id_new SET NOT NULL",
                "DO $$ BEGIN "
                        + "DROP TRIGGER id_forth ON orders; "
                        + "ALTER TABLE orders DROP CONSTRAINT orders_pkey; "
                        + "ALTER SEQUENCE orders_id_seq OWNED BY orders.id_new; "
                        + "ALTER TABLE orders ALTER COLUMN id_new SET DEFAULT nextval('orders_id_seq'); "
                        + "ALTER TABLE orders DROP COLUMN id; "
                        + "ALTER TABLE orders RENAME COLUMN id_new TO id; "
                        + "ALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_id_new; "
                        + "ALTER TABLE orders DROP CONSTRAINT id_there; END $$",
                "DROP FUNCTION id_forth()");
    }
}
