package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Tables and columns in the attic of a target that a change names, so that it brings back what was written into them. Copies
 * of the schema do not have the attic; here is what lets them try such a change, without its rows. Immutable.
 */
public final class RestingObjects {
    private static final String NAMED = """
        SELECT format('ALTER TABLE %I.%I ADD COLUMN IF NOT EXISTS %I %s',
            n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod))
          FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p') AND NOT a.attisdropped AND a.attislocal
            AND starts_with(a.attname, 'fermata_attic_') AND position(a.attname IN $sql) > 0
        UNION ALL
        SELECT format('CREATE TABLE IF NOT EXISTS fermata_attic.%I (%s)', c.relname,
            string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum))
          FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
          WHERE c.relnamespace = to_regnamespace('fermata_attic') AND c.relkind IN ('r', 'p')
            AND a.attnum > 0 AND NOT a.attisdropped AND position(c.relname IN $sql) > 0
          GROUP BY c.relname
        """.replace("$sql", "?");

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
        try (Connection connection = copy.open(Session.writer("fermata-attic"));
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("CREATE SCHEMA IF NOT EXISTS " + Attic.SCHEMA);
            for (String add : ddl) {
                statement.execute(add);
            }
        } catch (SQLException e) {
            throw TargetException.of("making what the change names of the attic in a copy of the target", e);
        }
    }
}
