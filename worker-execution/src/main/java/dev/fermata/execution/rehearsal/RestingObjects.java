package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Tables and columns in the attic of a target that a change names, so that it brings back what was written into them. Copies
 * of the schema do not have the attic; here is what lets them try such a change, without its rows. Immutable.
 */
public final class RestingObjects {
    /** In the order in which they can be made: types, tables, columns. */
    private static final String NAMED = """
        WITH named AS (
          SELECT c.oid, n.nspname, c.relname, a.attname, a.attnum, a.atttypid, a.atttypmod
          FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
            AND CASE WHEN n.nspname = 'fermata_attic' THEN position(c.relname IN $sql) > 0
              ELSE n.nspname !~ '^fermata_attic_' AND a.attislocal AND starts_with(a.attname, 'fermata_attic_')
                AND position(a.attname IN $sql) > 0 END
        )
        SELECT format('CREATE TYPE fermata_attic.%I AS ENUM (%s)', t.typname,
            string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder))
          FROM pg_type AS t JOIN pg_enum AS e ON e.enumtypid = t.oid
          WHERE t.typnamespace = to_regnamespace('fermata_attic') AND t.oid IN (SELECT atttypid FROM named)
          GROUP BY t.typname
        UNION ALL
        SELECT format('CREATE DOMAIN fermata_attic.%I AS %s', t.typname, format_type(t.typbasetype, t.typtypmod))
          FROM pg_type AS t
          WHERE t.typnamespace = to_regnamespace('fermata_attic') AND t.typtype = 'd'
            AND t.oid IN (SELECT atttypid FROM named)
        UNION ALL
        SELECT format('CREATE TABLE IF NOT EXISTS fermata_attic.%I (%s)', relname,
            string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum))
          FROM named WHERE nspname = 'fermata_attic' GROUP BY relname
        UNION ALL
        SELECT format('ALTER TABLE %I.%I ADD COLUMN IF NOT EXISTS %I %s',
            nspname, relname, attname, format_type(atttypid, atttypmod))
          FROM named WHERE nspname <> 'fermata_attic'
        """.replace("$sql", "?");

    /**
     * What a copy has already, as one that was made of the whole database has; and what needs something that is not there: the
     * change then fails for want of it, or does without, as one that purges it.
     */
    private static final Set<Trouble> PASSED_OVER = EnumSet.of(Trouble.DUPLICATE_OBJECT, Trouble.UNDEFINED_OBJECT);

    private final List<String> ddl;

    private RestingObjects(List<String> ddl) {
        this.ddl = List.copyOf(ddl);
    }

    /** By the change or the author's rollback. */
    public static RestingObjects namedIn(WorkOrder order, TargetDatabase target) {
        String sql = order.change() + "\n" + Objects.requireNonNullElse(order.rollback(), "");
        if (!sql.contains(Attic.SCHEMA)) {
            return new RestingObjects(List.of());
        }
        try (Connection connection = target.open(Session.reader("fermata-attic"));
                PreparedStatement select = connection.prepareStatement(NAMED)) {
            select.setString(1, sql);
            select.setString(2, sql);
            List<String> ddl = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ddl.add(rows.getString(1));
                }
            }
            return new RestingObjects(ddl);
        } catch (SQLException e) {
            throw TargetException.of(
                    "looking into the attic of target '" + target.address().name() + "'", e);
        }
    }

    /** Puts those that it does not have into a copy of the target. */
    public void addTo(TargetDatabase copy) {
        if (ddl.isEmpty()) {
            return;
        }
        try (Connection connection = copy.open(Session.writer("fermata-attic").withLockTimeout(Duration.ZERO));
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("CREATE SCHEMA IF NOT EXISTS " + Attic.SCHEMA);
            for (String add : ddl) {
                make(statement, add);
            }
        } catch (SQLException e) {
            throw TargetException.of("making what the change names of the attic in a copy of the target", e);
        }
    }

    private static void make(Statement statement, String sql) throws SQLException {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            if (!PASSED_OVER.contains(Trouble.of(e))) {
                throw e;
            }
        }
    }
}
